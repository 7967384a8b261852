package dev.mezzo.processor.model;

/**
 * A tensor that a function receives or computes, assigned once.
 *
 * @param id unique in its function; the key of every plan
 * @param name the user's own name, or one that the reader made after the operation; a Java
 *     identifier, unique in its function among values and plain locals
 */
public record Value(int id, String name) {

  @Override
  public int hashCode() {
    return id;
  }
}
