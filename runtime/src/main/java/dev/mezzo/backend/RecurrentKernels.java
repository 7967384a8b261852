package dev.mezzo.backend;

/**
 * Recurrent layers, a whole sequence to a call. Layouts, row-major, time first: gates (time, batch,
 * directions·gates·hidden), the gates of the input, bias included, gate after gate; weight
 * (directions, gates·hidden, hidden), the recurrent one; bias (directions, hidden), read by GRU
 * alone; y (time, batch, directions·hidden); saved (time, batch, directions·saved·hidden).
 *
 * <p>What goes from step to step is FP32 and is not rounded between. At and after a sequence's end
 * y is 0, and so are gates' gradients.
 */
public interface RecurrentKernels {

  /** Computes y, from states of 0, and what the gradient reads. */
  void forward(
      Recurrence r, Operand gates, Weights weights, @Writes Operand y, @Writes Operand saved);

  /**
   * The gradients of gates, recurrent weight and (GRU) bias, back through time. dWeight is the
   * product of the gates' gradients as they were rounded and the results as they were stored.
   */
  void gradient(
      Recurrence r,
      Weights weights,
      Results results,
      @Writes Operand dGates,
      @Writes Weights dWeights);

  /**
   * What is multiplied with the last result.
   *
   * @param bias of GRU's candidate; for other cells it is not read, or written
   */
  record Weights(Operand weight, Operand bias) {}

  /** What the gradient reads besides. */
  record Results(Operand dy, Operand y, Operand saved) {}
}
