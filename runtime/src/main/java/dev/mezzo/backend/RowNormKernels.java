package dev.mezzo.backend;

import org.jspecify.annotations.Nullable;

/**
 * Layer norm and RMS norm: each row brought to mean square 1.
 *
 * <p>With {@code c = x − mean} (or x itself where the norm does not center), {@code r = 1 / √(mean
 * c² + epsilon)} and {@code n = c·r}. x, dy, y, dx are (rows, cols); weight, bias and their
 * gradients (cols). Nothing of a row's statistics is kept: the gradient computes them again from x.
 */
public interface RowNormKernels {

  /** {@code y = n·weight + bias}. In place on x. */
  void forward(RowNorm norm, Operand x, Operand weight, @Nullable Operand bias, @Writes Operand y);

  /**
   * {@code dWeight = Σ dy·n}, {@code dBias = Σ dy}, over rows, summed in FP32 at least; and with
   * {@code g = dy·weight}: {@code dx = r·(g − mean(g) − n·mean(g·n))}, without mean(g) where the
   * norm does not center. In place: dx may be dy or x. Each may add.
   */
  void gradient(
      RowNorm norm, Operand dy, Operand x, Operand weight, @Writes RowNormGradients gradients);
}
