package dev.mezzo.backend;

/**
 * How the operands of an element-wise function are read: the result's dimensions, and for each
 * operand its stride in elements along them, 0 where it is repeated. Neighbouring dimensions that
 * can be read as one are already merged; rank is at least 1.
 *
 * <p>Frequent cases: equal shapes, {@code dims = [n], a = [1], b = [1]}; a row added to each row of
 * a matrix, {@code dims = [rows, cols], a = [cols, 1], b = [0, 1]}; a scalar, {@code b = [0]}.
 */
public record Broadcast(int[] dims, long[]... strides) {

  /** The first operand's strides. */
  public long[] aStrides() {
    return strides[0];
  }

  /** The second operand's strides. */
  public long[] bStrides() {
    return strides[1];
  }
}
