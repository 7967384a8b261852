package dev.mezzo.processor.model;

/**
 * Where something stands in the user's source.
 *
 * @param file simple file name, as in {@code Mlp.java}
 * @param line from 1
 * @param tree the reader's key of the exact tree, for diagnostics
 */
public record SourcePosition(String file, int line, int tree) {

  /** As in {@code Mlp.java:12}. */
  @Override
  public String toString() {
    return file + ":" + line;
  }
}
