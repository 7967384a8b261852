package dev.mezzo.backend;

/**
 * An element-wise function of one operand. Computed in FP32, rounded once to the result's type.
 *
 * @param function which
 * @param a its first number, as the function says; 0 where it has none
 * @param b its second number
 */
public record Unary(Function function, float a, float b) {

  /** {@link Function#RELU}. */
  public static final Unary RELU = of(Function.RELU);

  /** {@link Function#GELU}. */
  public static final Unary GELU = of(Function.GELU);

  /** {@link Function#SIGMOID}. */
  public static final Unary SIGMOID = of(Function.SIGMOID);

  /** {@link Function#TANH}. */
  public static final Unary TANH = of(Function.TANH);

  /** {@link Function#EXP}. */
  public static final Unary EXP = of(Function.EXP);

  /** {@link Function#LOG}. */
  public static final Unary LOG = of(Function.LOG);

  /** A function without numbers. */
  public static Unary of(Function function) {
    return new Unary(function, 0, 0);
  }

  /** A function with one number. */
  public static Unary of(Function function, float a) {
    return new Unary(function, a, 0);
  }

  /** Whether the gradient reads the result y; else it reads the operand x. */
  public boolean gradientReadsOutput() {
    return function.gradientReadsOutput;
  }

  /** As in {@code CLAMP(-1.0, 1.0)}. */
  @Override
  public String toString() {
    return switch (function.numbers) {
      case 0 -> function.name();
      case 1 -> function + "(" + a + ")";
      default -> function + "(" + a + ", " + b + ")";
    };
  }

  /** The functions, what a and b are, and what their gradients read. */
  public enum Function {
    /** max(x, 0); NaN stays NaN. The gradient reads y: dx = y > 0 ? dy : 0. */
    RELU(true, 0),
    /** x > 0 ? x : a·x, a ≥ 0. The gradient reads y: dx = y > 0 ? dy : a·dy. */
    LEAKY_RELU(true, 1),
    /** x > 0 ? x : a·(eˣ − 1), a ≥ 0. The gradient reads y: dx = y > 0 ? dy : dy·(y + a). */
    ELU(true, 1),
    /** x·Φ(x), with the exact normal distribution function. The gradient reads x. */
    GELU(false, 0),
    /** x·σ(2z), z = √(2/π)·(x + 0.044715·x³): ½x·(1 + tanh z). The gradient reads x. */
    GELU_TANH(false, 0),
    /** x·σ(x). The gradient reads x: dx = dy·σ·(1 + x·(1 − σ)). */
    SILU(false, 0),
    /** log(1 + eˣ). The gradient reads x: dx = dy·σ(x). */
    SOFTPLUS(false, 0),
    /** 1 / (1 + e⁻ˣ). The gradient reads y: dx = dy·y·(1 − y). */
    SIGMOID(true, 0),
    /** The gradient reads y: dx = dy·(1 − y²). */
    TANH(true, 0),
    /** min(max(x, a), b). The gradient reads x: dx = a ≤ x ≤ b ? dy : 0. */
    CLAMP(false, 2),
    /** As CLAMP, but for the ends: dx = x ≤ a or x ≥ b ? 0 : dy. */
    HARD_TANH(false, 2),
    /** min(max(x + 3, 0), 6)/6. The gradient reads x: dx = x ≤ −3 or x ≥ 3 ? 0 : dy/6. */
    HARD_SIGMOID(false, 0),
    /** x·HARD_SIGMOID(x). The gradient reads x: 0 up to −3, dy from 3 on, dy·(x/3 + ½) between. */
    HARD_SWISH(false, 0),
    /** The gradient reads y: dx = dy·y. */
    EXP(true, 0),
    /** Natural logarithm. The gradient reads x: dx = dy / x. */
    LOG(false, 0),
    /** xᵃ as {@link Math#pow}. The gradient reads x: dx = dy·a·xᵃ⁻¹, 0 if a is 0. */
    POW(false, 1),
    /** x². The gradient reads x: dx = dy·2x. */
    SQUARE(false, 0),
    /** √x. The gradient reads y: dx = dy / 2y. */
    SQRT(true, 0),
    /** 1/√x. The gradient reads y: dx = −½·dy·y³. */
    RSQRT(true, 0),
    /** 1/x. The gradient reads y: dx = −dy·y². */
    RECIPROCAL(true, 0),
    /** |x|. The gradient reads x: dx = dy·sign(x), sign(0) = 0, sign(NaN) = NaN. */
    ABS(false, 0),
    /** The gradient reads x: dx = dy·cos x. */
    SIN(false, 0),
    /** The gradient reads x: dx = −dy·sin x. */
    COS(false, 0);

    private final boolean gradientReadsOutput;
    private final int numbers;

    Function(boolean gradientReadsOutput, int numbers) {
      this.gradientReadsOutput = gradientReadsOutput;
      this.numbers = numbers;
    }
  }
}
