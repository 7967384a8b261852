package dev.mezzo.backend;

/**
 * Convolutions and their gradients. As {@link Backend} says; inputs of any float type each, FP32
 * accumulation, one rounding. No operand is the result's memory.
 *
 * <p>The zeros around an image take part in {@link #forward} and {@link #gradientWeight} as any
 * number does: 0·Inf is NaN. NaN and ±Inf of x and dy reach exactly the results that read them. A
 * transposed convolution is {@link #gradientX}, its gradients are the other two.
 */
public interface ConvolutionKernels {

  /**
   * {@code y[n, i, j, o] = epilogue(Σ x[n, i·s − p + k·d, …, c]·weight[o, k, …, c])}. The epilogue
   * does not accumulate.
   */
  void forward(
      ConvolutionShape shape, Operand x, Operand weight, @Writes Operand y, Epilogue epilogue);

  /**
   * dx: each element of dy times the weights that it came through, added where they had read. The
   * epilogue, whose bias has inChannels elements, does not accumulate; its tail is that of dx.
   */
  void gradientX(
      ConvolutionShape shape, Operand dy, Operand weight, @Writes Operand dx, Epilogue epilogue);

  /** The weight's gradient: dy times what each weight had read, summed over all pixels. May add. */
  void gradientWeight(ConvolutionShape shape, Operand dy, Operand x, @Writes Operand dWeight);
}
