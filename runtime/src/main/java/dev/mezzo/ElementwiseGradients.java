package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;

/**
 * Gradients of the element-wise operations. Each has its operand's shape and element type, is
 * computed in FP32 and rounded once. A gradient that is dy itself is dy retained, not a copy.
 */
public final class ElementwiseGradients {

  private static final Fused PRODUCT = Fused.of("(dy, b) -> dy * b");
  private static final Fused QUOTIENT = Fused.of("(dy, b) -> dy / b");
  private static final Fused OF_DIVISOR = Fused.of("(dy, a, b) -> divisorGradient(dy, a, b)");

  private ElementwiseGradients() {}

  /** dy, summed over the dimensions along which a was repeated. */
  @Gradient(of = "add", wrt = "a", fuse = "dy")
  public static Tensor addGradientA(Tensor dy, Layout a) {
    return addGradientA(GradientSum.none(), dy, a);
  }

  /** {@link #addGradientA(Tensor, Layout)}, added to the sum. */
  public static Tensor addGradientA(GradientSum sum, Tensor dy, Layout a) {
    return Reductions.unbroadcast(sum, dy, a, 1);
  }

  /** dy, summed over the dimensions along which b was repeated. */
  @Gradient(of = "add", wrt = "b", fuse = "dy")
  public static Tensor addGradientB(Tensor dy, Layout b) {
    return addGradientB(GradientSum.none(), dy, b);
  }

  /** {@link #addGradientB(Tensor, Layout)}, added to the sum. */
  public static Tensor addGradientB(GradientSum sum, Tensor dy, Layout b) {
    return Reductions.unbroadcast(sum, dy, b, 1);
  }

  /** dy, summed over the dimensions along which a was repeated. */
  @Gradient(of = "subtract", wrt = "a", fuse = "dy")
  public static Tensor subtractGradientA(Tensor dy, Layout a) {
    return subtractGradientA(GradientSum.none(), dy, a);
  }

  /** {@link #subtractGradientA(Tensor, Layout)}, added to the sum. */
  public static Tensor subtractGradientA(GradientSum sum, Tensor dy, Layout a) {
    return Reductions.unbroadcast(sum, dy, a, 1);
  }

  /** −dy, summed over the dimensions along which b was repeated. */
  @Gradient(of = "subtract", wrt = "b", fuse = "-dy")
  public static Tensor subtractGradientB(Tensor dy, Layout b) {
    return subtractGradientB(GradientSum.none(), dy, b);
  }

  /** {@link #subtractGradientB(Tensor, Layout)}, added to the sum. */
  public static Tensor subtractGradientB(GradientSum sum, Tensor dy, Layout b) {
    return Reductions.unbroadcast(sum, dy, b, -1);
  }

  /** {@code dy·b}, summed over the dimensions along which a was repeated. */
  @Gradient(of = "multiply", wrt = "a", fuse = "dy * b")
  public static Tensor multiplyGradientA(Tensor dy, Tensor b, Layout a) {
    return multiplyGradientA(GradientSum.none(), dy, b, a);
  }

  /** {@link #multiplyGradientA(Tensor, Tensor, Layout)}, added to the sum. */
  public static Tensor multiplyGradientA(GradientSum sum, Tensor dy, Tensor b, Layout a) {
    return binaryGradient("multiplyGradientA", Binary.MULTIPLY, sum, dy, b, a);
  }

  /** {@code dy·a}, summed over the dimensions along which b was repeated. */
  @Gradient(of = "multiply", wrt = "b", fuse = "dy * a")
  public static Tensor multiplyGradientB(Tensor dy, Tensor a, Layout b) {
    return multiplyGradientB(GradientSum.none(), dy, a, b);
  }

  /** {@link #multiplyGradientB(Tensor, Tensor, Layout)}, added to the sum. */
  public static Tensor multiplyGradientB(GradientSum sum, Tensor dy, Tensor a, Layout b) {
    return binaryGradient("multiplyGradientB", Binary.MULTIPLY, sum, dy, a, b);
  }

  /** {@code dy/b}, summed over the dimensions along which a was repeated. */
  @Gradient(of = "divide", wrt = "a", fuse = "dy / b")
  public static Tensor divideGradientA(Tensor dy, Tensor b, Layout a) {
    return divideGradientA(GradientSum.none(), dy, b, a);
  }

  /** {@link #divideGradientA(Tensor, Tensor, Layout)}, added to the sum. */
  public static Tensor divideGradientA(GradientSum sum, Tensor dy, Tensor b, Layout a) {
    return binaryGradient("divideGradientA", Binary.DIVIDE, sum, dy, b, a);
  }

  /** {@code −dy·a/b²}, summed over the dimensions along which b was repeated. */
  @Gradient(of = "divide", wrt = "b", fuse = "divisorGradient(dy, a, b)")
  public static Tensor divideGradientB(Tensor dy, Tensor a, Tensor b) {
    return divideGradientB(GradientSum.none(), dy, a, b);
  }

  /** {@link #divideGradientB(Tensor, Tensor, Tensor)}, added to the sum. */
  public static Tensor divideGradientB(GradientSum sum, Tensor dy, Tensor a, Tensor b) {
    Checks.isFloat("divideGradientB", dy);
    return sum.memoryFor(b.layout()) != null
        ? OF_DIVISOR.on(dy, a, b).adding(sum).gradient(b.layout())
        : Elementwise.ternaryGradient(
            "divideGradientB", Ternary.DIVISOR_GRADIENT, sum, dy, a, b, b.layout());
  }

  /** {@code factor·dy}. */
  @Gradient(of = "scale", wrt = "x", fuse = "dy * factor")
  public static Tensor scaleGradient(Tensor dy, float factor) {
    return Elementwise.scale(dy, factor);
  }

  /** dy. */
  @Gradient(of = "add", wrt = "x", fuse = "dy")
  public static Tensor addGradientX(Tensor dy) {
    return dy.retain();
  }

  /** dy. */
  @Gradient(of = "subtract(x, number)", wrt = "x", fuse = "dy")
  public static Tensor subtractGradientX(Tensor dy) {
    return dy.retain();
  }

  /** −dy. */
  @Gradient(of = "subtract(number, x)", wrt = "x", fuse = "-dy")
  public static Tensor subtractFromGradientX(Tensor dy) {
    return Elementwise.scale(dy, -1);
  }

  /** {@code y > 0 ? dy : 0}: at 0 the derivative is taken as 0. */
  @Gradient(of = "relu", wrt = "x", fuse = "reluGradient(dy, y)")
  public static Tensor reluGradient(Tensor dy, Tensor y) {
    return Elementwise.unaryGradient("reluGradient", Unary.RELU, dy, y, y.dtype());
  }

  /** {@code dy·(Φ(x) + x·φ(x))}. */
  @Gradient(of = "gelu", wrt = "x", fuse = "geluGradient(dy, x)")
  public static Tensor geluGradient(Tensor dy, Tensor x) {
    return Elementwise.unaryGradient("geluGradient", Unary.GELU, dy, x, x.dtype());
  }

  /** {@code dy·y·(1 − y)}. */
  @Gradient(of = "sigmoid", wrt = "x", fuse = "sigmoidGradient(dy, y)")
  public static Tensor sigmoidGradient(Tensor dy, Tensor y) {
    return Elementwise.unaryGradient("sigmoidGradient", Unary.SIGMOID, dy, y, y.dtype());
  }

  /** {@code dy·(1 − y²)}. */
  @Gradient(of = "tanh", wrt = "x", fuse = "tanhGradient(dy, y)")
  public static Tensor tanhGradient(Tensor dy, Tensor y) {
    return Elementwise.unaryGradient("tanhGradient", Unary.TANH, dy, y, y.dtype());
  }

  /** {@code dy·y}, in the element type of x. */
  @Gradient(of = "exp", wrt = "x", fuse = "expGradient(dy, y)")
  public static Tensor expGradient(Tensor dy, Tensor y, Layout x) {
    return Elementwise.unaryGradient("expGradient", Unary.EXP, dy, y, x.dtype());
  }

  /** {@code dy / x}, in the element type of x. */
  @Gradient(of = "log", wrt = "x", fuse = "logGradient(dy, x)")
  public static Tensor logGradient(Tensor dy, Tensor x) {
    return Elementwise.unaryGradient("logGradient", Unary.LOG, dy, x, x.dtype());
  }

  /** dy with the mask of forward, drawn again from the seed on the tape. */
  @Gradient(of = "dropout", wrt = "x")
  public static Tensor dropoutGradient(Tape tape, Tensor dy, float rate) {
    return Elementwise.dropped(null, dy, rate, tape.restoreLong());
  }

  /** Where the operand was repeated, the terms are summed in FP32 before they are rounded. */
  private static Tensor binaryGradient(
      String operation, Binary function, GradientSum sum, Tensor dy, Tensor other, Layout operand) {
    Checks.isFloat(operation, dy, other);
    Checks.isDifferentiable(operation, operand);
    if (!dy.shape().equals(operand.shape())) {
      try (Tensor products = Elementwise.binary(operation, function, dy, other, DType.FP32)) {
        return Reductions.unbroadcast(sum, products, operand, 1);
      }
    }
    if (sum.memoryFor(operand) != null) {
      Fused added = function == Binary.MULTIPLY ? PRODUCT : QUOTIENT;
      return added.on(dy, other).adding(sum).gradient(operand);
    }
    return sum.add(Elementwise.binary(operation, function, dy, other, operand.dtype()));
  }
}
