package dev.mezzo.backend;

/** Images in another size, and the gradient. As {@link Backend} says. */
public interface ResamplingKernels {

  /** y = x, resampled. */
  void forward(Resampling resampling, Operand x, @Writes Operand y);

  /** dx: each element of dy, added to all that it was made of, by their weights; summed in FP32. */
  void gradient(Resampling resampling, Operand dy, @Writes Operand dx);
}
