package dev.mezzo.backend;

import org.jspecify.annotations.Nullable;

/**
 * A recurrent layer over a whole sequence.
 *
 * @param batch sequences side by side
 * @param hidden units of a direction
 * @param directions 1 for forward in time; 2 for one forward and one backward
 * @param lengths INT32 (batch): how many steps each sequence has; null where all have {@code time}
 */
public record Recurrence(
    Cell cell, int time, int batch, int hidden, int directions, @Nullable Operand lengths) {

  /** Elements of the gates of a time step of one sequence, all directions. */
  public int gateStride() {
    return directions * cell.gates() * hidden;
  }

  /** Elements of the saved values of a time step of one sequence. */
  public int savedStride() {
    return directions * cell.saved() * hidden;
  }

  /** Elements of the result of a time step of one sequence. */
  public int stride() {
    return directions * hidden;
  }

  /** The time of a direction's step number {@code step}. */
  public int time(int direction, int step) {
    return direction == 0 ? step : time - 1 - step;
  }

  /**
   * What a unit computes, from its gates' {@code x} (of the input) and {@code h} (of the last
   * result); σ is the sigmoid.
   */
  public enum Cell {
    /**
     * Gates i, f, g, o: {@code c = σ(f)·c + σ(i)·tanh(g)}, {@code y = σ(o)·tanh(c)}. Saved: the
     * gates after their functions, and c.
     */
    LSTM(4, 5),
    /**
     * Gates r, z, n: {@code n = tanh(xn + σ(r)·(hn + bias))}, {@code y = n + σ(z)·(y − n)}. Saved:
     * r, z, n after their functions, and hn + bias.
     */
    GRU(3, 4),
    /** {@code y = tanh(x + h)}. */
    TANH(1, 0),
    /** {@code y = max(x + h, 0)}. */
    RELU(1, 0);

    private final int gates;
    private final int saved;

    Cell(int gates, int saved) {
      this.gates = gates;
      this.saved = saved;
    }

    /** Numbers that a unit gets from the input, and from the last result. */
    public int gates() {
      return gates;
    }

    /** Numbers that a unit hands on to the next step: its result, and LSTM's c. */
    public int states() {
      return this == LSTM ? 2 : 1;
    }

    /** Numbers that the gradient reads of a unit, besides the result. */
    public int saved() {
      return saved;
    }
  }
}
