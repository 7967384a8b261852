package dev.mezzo.backend;

/** Element-wise functions of one operand. Computed in FP32, rounded once to the result's type. */
public enum Unary {
  /** max(x, 0); NaN stays NaN. The gradient reads y: dx = y > 0 ? dy : 0. */
  RELU(true),
  /** x·Φ(x), with the exact normal distribution function. The gradient reads x. */
  GELU(false),
  /** 1 / (1 + e⁻ˣ). The gradient reads y: dx = dy·y·(1 − y). */
  SIGMOID(true),
  /** The gradient reads y: dx = dy·(1 − y²). */
  TANH(true),
  /** The gradient reads y: dx = dy·y. */
  EXP(true),
  /** Natural logarithm. The gradient reads x: dx = dy / x. */
  LOG(false);

  private final boolean gradientReadsOutput;

  Unary(boolean gradientReadsOutput) {
    this.gradientReadsOutput = gradientReadsOutput;
  }

  /** Whether the gradient reads the result y; else it reads the operand x. */
  public boolean gradientReadsOutput() {
    return gradientReadsOutput;
  }
}
