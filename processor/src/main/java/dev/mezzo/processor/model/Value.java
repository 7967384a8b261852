package dev.mezzo.processor.model;

/**
 * A tensor that a function receives or computes, assigned once.
 *
 * <p>An array or list of tensors is one value: its elements are written as the source says, and all
 * have one precision.
 *
 * @param id unique in its function; the key of every plan
 * @param name the user's own name, or one that the reader made after the operation; a Java
 *     identifier, unique in its function among values and plain locals
 * @param several whether it is an array or list of tensors
 */
public record Value(int id, String name, boolean several) {

  /** A tensor. */
  public Value(int id, String name) {
    this(id, name, false);
  }

  @Override
  public int hashCode() {
    return id;
  }
}
