package dev.mezzo.backend;

/**
 * A matrix operand of a product.
 *
 * @param operand the elements, row-major
 * @param transposed whether the product takes the stored matrix's transpose
 * @param stride elements from one stored row to the next; at least the stored row's length
 */
public record Matrix(Operand operand, boolean transposed, int stride) {

  /** The {@code i}th of matrices that are {@code size} elements apart; 0: there is but this one. */
  Matrix part(int i, long size) {
    return size == 0 ? this : new Matrix(operand.slice(i * size, size), transposed, stride);
  }
}
