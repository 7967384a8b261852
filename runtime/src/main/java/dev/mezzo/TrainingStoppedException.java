package dev.mezzo;

/**
 * Too many steps in a row were skipped: lowering the loss scale did not make the gradients finite.
 * The weights are as the last applied step left them.
 */
public final class TrainingStoppedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient Skipped last;

  TrainingStoppedException(Skipped last) {
    super(
        last.inARow()
            + " steps in a row were skipped, the last at loss "
            + last.loss()
            + " and loss scale "
            + last.scale()
            + ": not finite in "
            + last.overflow()
            + "; look for NaN or huge values in the data, lower the learning rate, or set clipNorm");
    this.last = last;
  }

  /** The step that was one too many. */
  public Skipped last() {
    return last;
  }
}
