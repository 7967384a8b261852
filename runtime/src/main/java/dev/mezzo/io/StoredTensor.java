package dev.mezzo.io;

import dev.mezzo.types.Shape;

/**
 * Where a tensor is in a file.
 *
 * @param begin first byte, counted from the end of the header
 * @param end byte behind the last
 */
public record StoredTensor(String name, StoredType type, Shape shape, long begin, long end) {

  /** As in {@code F32 (128, 784)}. */
  public String describe() {
    return type + " " + shape;
  }
}
