package dev.mezzo.backend;

import org.jspecify.annotations.Nullable;

/**
 * Recurrent layers, a whole sequence to a call. Layouts, row-major, time first: gates (time, batch,
 * directions·gates·hidden), the gates of the input, bias included, gate after gate; weight
 * (directions, gates·hidden, hidden), the recurrent one; bias (directions, hidden), read by GRU
 * alone; y (time, batch, directions·hidden); saved (time, batch, directions·saved·hidden). Where an
 * initial state is given, (states, batch, directions·hidden), y and dy have as many more rows
 * behind, the last state: of each sequence and direction the last result, then LSTM's c.
 *
 * <p>What goes from step to step is FP32 and is not rounded between. At and after a sequence's end
 * y is 0, and so are gates' gradients.
 */
public interface RecurrentKernels {

  /** Computes y, from the initial state or 0, and what the gradient reads. */
  void forward(
      Recurrence r, Operand gates, Weights weights, @Writes Operand y, @Writes Operand saved);

  /**
   * The gradients of gates, recurrent weight, (GRU) bias and initial state, back through time.
   * dWeight is the product of the gates' gradients as they were rounded and the results as they
   * were stored. Those of weight and bias may add.
   */
  void gradient(
      Recurrence r,
      Weights weights,
      Results results,
      @Writes Operand dGates,
      @Writes Weights dWeights);

  /**
   * What a recurrence is given besides gates, or their gradients.
   *
   * @param weight is multiplied with the last result
   * @param bias of GRU's candidate; for other cells it is not read, or written
   * @param initial the state to begin with, of y's type; null for 0
   */
  record Weights(Operand weight, Operand bias, @Nullable Operand initial) {

    /** From a state of 0. */
    public Weights(Operand weight, Operand bias) {
      this(weight, bias, null);
    }
  }

  /** What the gradient reads besides. */
  record Results(Operand dy, Operand y, Operand saved) {}
}
