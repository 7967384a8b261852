package dev.mezzo;

/**
 * A parameter as a mixed form reads and trains it. Forms that share a parameter have weights of
 * their own on one state: one shadow, one gradient.
 */
public final class Weight {

  private final TrainedParameter state;
  private final boolean full;

  Weight(TrainedParameter state, boolean full) {
    this.state = state;
    this.full = full;
  }

  /**
   * What forward and backward read: the 16-bit value, or the FP32 master in a full layer or format.
   * Borrowed.
   */
  public Tensor half() {
    return full ? state.full() : state.half();
  }

  /**
   * The FP32 value: the master, or, where the weight lives in 16 bits alone, that widened.
   * Borrowed, until the next update.
   */
  public Tensor full() {
    return state.full();
  }

  /**
   * Adds a gradient, still scaled, to this step's. Takes ownership: the first one of a step is kept
   * as it is, later ones are added in FP32 and rounded.
   *
   * @param gradient in the weight's shape
   * @param source line and operation that it comes from, as in {@code Linear.java:31 linear}
   */
  public void accumulate(Tensor gradient, String source) {
    state.accumulate(gradient, source);
  }

  /**
   * This step's gradient so far, for a gradient method that adds to it. Given up: what the method
   * returns comes back by {@link #accumulate}.
   */
  public GradientSum sum() {
    return state.takeGradient();
  }

  /** Where in the model, as in {@code net.hidden.weight}; of a tied parameter the first place. */
  public String path() {
    return state.path();
  }

  @Override
  public String toString() {
    return path();
  }

  /** How a weight is kept. */
  public enum Kind {
    /** An FP32 master that is updated, and a 16-bit shadow that is read. */
    MASTER,
    /** In 16 bits alone: read and updated there. */
    HALF_ONLY,
    /** In FP32 alone. */
    FULL;

    /** What serves both uses of a tied parameter. */
    Kind join(Kind other) {
      return this == other ? this : MASTER;
    }
  }
}
