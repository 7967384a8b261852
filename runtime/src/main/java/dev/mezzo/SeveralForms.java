package dev.mezzo;

import java.util.AbstractList;
import java.util.AbstractMap;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The mixed forms in a list or map, which know which one generated code has asked for last: it is
 * in that one, as long as it is in any of them.
 */
interface SeveralForms {

  /** The index or key of the last one; null before the first. */
  @Nullable Object last();

  /** In a list. */
  final class OfList<M> extends AbstractList<M> implements SeveralForms, RandomAccess {
    private final List<M> forms;
    private int last = -1;

    OfList(List<M> forms) {
      this.forms = List.copyOf(forms);
    }

    @Override
    public M get(int index) {
      last = index;
      return forms.get(index);
    }

    @Override
    public int size() {
      return forms.size();
    }

    @Override
    public @Nullable Object last() {
      return last < 0 ? null : last;
    }
  }

  /** In a map, in its order. */
  final class OfMap<K, M> extends AbstractMap<K, M> implements SeveralForms {
    private final Map<K, M> forms;
    private @Nullable Object last;

    OfMap(Map<K, M> forms) {
      this.forms = Collections.unmodifiableMap(new LinkedHashMap<>(forms));
    }

    @Override
    public @Nullable M get(@Nullable Object key) {
      last = key;
      return forms.get(key);
    }

    @Override
    public Set<Entry<K, M>> entrySet() {
      return forms.entrySet();
    }

    @Override
    public @Nullable Object last() {
      return last;
    }
  }
}
