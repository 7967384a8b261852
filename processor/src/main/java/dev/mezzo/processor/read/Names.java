package dev.mezzo.processor.read;

import java.util.HashSet;
import java.util.Set;

/**
 * The names of a function's values and plain locals. The user's own are kept; others never take one
 * of those, nor a field's.
 */
final class Names {
  /** What generated methods call things of their own. */
  private static final Set<String> RESERVED =
      Set.of("model", "tape", "mixing", "half", "dy", "wantDx");

  private final Set<String> avoided;
  private final Set<String> taken = new HashSet<>(RESERVED);

  /**
   * Starts with no name taken.
   *
   * @param avoided the user's names in the whole function, and the layer's fields
   */
  Names(Set<String> avoided) {
    this.avoided = avoided;
  }

  /** The user's name; with a number where a block before this one has used it. */
  String own(String name) {
    return taken.add(name) ? name : numbered(name);
  }

  /** A name for what the user has not named: {@code relu}, {@code relu2}. */
  String derived(String base) {
    return !avoided.contains(base) && taken.add(base) ? base : numbered(base);
  }

  private String numbered(String base) {
    for (int i = 2; ; i++) {
      String name = base + i;
      if (!avoided.contains(name) && taken.add(name)) {
        return name;
      }
    }
  }
}
