package dev.mezzo.backend;

/** Rows of a table by their number, and positions. */
public interface EmbeddingKernels {

  /**
   * {@code y[i] = weight[indices[i]]}; a row of NaN where the index is not one of weight's. weight
   * (rows, cols), indices INT32 (n), y (n, cols) of weight's type.
   */
  void gather(Operand weight, Operand indices, @Writes Operand y, int cols);

  /**
   * {@code dWeight[r] = Σ dy[i]} over i with {@code indices[i] = r}, summed in FP32 and rounded
   * once; 0 for rows that no index names. Indices that are not dWeight's are passed over. No table
   * of sums is made: beyond dWeight itself, work and memory are those of the rows that occur. May
   * add: other rows stay what they are.
   */
  void scatter(Operand dy, Operand indices, @Writes Operand dWeight, int cols);

  /** y = x, turned; angles in FP64, their sines and cosines rounded to FP32. In place. */
  void rotate(Rotation rotation, Operand x, @Writes Operand y);
}
