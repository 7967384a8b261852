package dev.mezzo.processor.model;

import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where something stands in the user's source.
 *
 * @param file simple file name, as in {@code Mlp.java}
 * @param line from 1
 * @param tree the reader's key of the exact tree, for diagnostics
 * @param lines all lines, of what is made of several places; else {@code line} alone
 */
public record SourcePosition(String file, int line, int tree, List<Integer> lines) {

  /** Of one place. */
  public SourcePosition(String file, int line, int tree) {
    this(file, line, tree, List.of(line));
  }

  /** The same place, with these lines. */
  public SourcePosition with(Collection<Integer> all) {
    return new SourcePosition(file, line, tree, List.copyOf(all));
  }

  /** As in {@code Mlp.java:12}, {@code Mlp.java:12,13}. */
  @Override
  public String toString() {
    return lines.size() == 1
        ? file + ":" + lines.getFirst()
        : file + ":" + lines.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
