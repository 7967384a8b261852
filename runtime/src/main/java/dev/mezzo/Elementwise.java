package dev.mezzo;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import org.jspecify.annotations.Nullable;

/** Element-wise operations and the kernels' calls behind them. */
final class Elementwise {

  private static final Fused PLUS = Fused.of("(x; number) -> x + number");
  private static final Fused FROM = Fused.of("(x; number) -> number - x");

  private Elementwise() {}

  static Tensor plus(String operation, Tensor x, float number) {
    Checks.isFloat(operation, x);
    return PLUS.with(number).on(x).as(x.dtype());
  }

  static Tensor from(String operation, float number, Tensor x) {
    Checks.isFloat(operation, x);
    return FROM.with(number).on(x).as(x.dtype());
  }

  static Tensor binary(String operation, Binary function, Tensor a, Tensor b) {
    DType dtype = Checks.oneFloatType(operation, a, b);
    return binary(operation, function, a, b, dtype);
  }

  /** Operands of any float type each. */
  static Tensor binary(String operation, Binary function, Tensor a, Tensor b, DType dtype) {
    Checks.isFloat(operation, a, b);
    Shape shape = Broadcasting.shape(operation, a.shape(), b.shape());
    Tensor c = Tensor.allocate(a.device(), shape, dtype);
    if (shape.size() > 0) {
      try (Tensor left = a.contiguous();
          Tensor right = b.contiguous()) {
        a.device()
            .backend()
            .binary(
                function,
                left.operand(),
                right.operand(),
                c.operand(),
                Broadcasting.plan(shape, a.shape(), b.shape()));
      }
    }
    return c;
  }

  /** Where an operand was repeated, the gradient's terms are summed in FP32 before the rounding. */
  static Tensor ternaryGradient(
      String operation, Ternary function, Tensor a, Tensor b, Tensor c, Layout operand) {
    return ternaryGradient(operation, function, GradientSum.none(), a, b, c, operand);
  }

  /** The same, added to the sum. */
  static Tensor ternaryGradient(
      String operation,
      Ternary function,
      GradientSum sum,
      Tensor a,
      Tensor b,
      Tensor c,
      Layout operand) {
    Checks.isDifferentiable(operation, operand);
    Shape shape = Broadcasting.shape(operation, a.shape(), b.shape(), c.shape());
    if (shape.equals(operand.shape())) {
      return sum.add(ternary(operation, function, a, b, c, operand.dtype()));
    }
    try (Tensor terms = ternary(operation, function, a, b, c, DType.FP32)) {
      return Reductions.unbroadcast(sum, terms, operand, 1);
    }
  }

  static Tensor ternary(
      String operation, Ternary function, Tensor a, Tensor b, Tensor c, DType dtype) {
    Checks.isFloat(operation, b, c);
    Checks.sameDevice(operation, a, b);
    Shape shape = Broadcasting.shape(operation, a.shape(), b.shape(), c.shape());
    Tensor y = Tensor.allocate(b.device(), shape, dtype);
    if (shape.size() > 0) {
      try (Tensor first = a.contiguous();
          Tensor second = b.contiguous();
          Tensor third = c.contiguous()) {
        b.device()
            .backend()
            .ternary(
                function,
                first.operand(),
                second.operand(),
                third.operand(),
                y.operand(),
                Broadcasting.plan(shape, a.shape(), b.shape(), c.shape()));
      }
    }
    return y;
  }

  static Tensor where(Tensor condition, Tensor a, Tensor b) {
    DType dtype = Checks.oneFloatType("where", a, b);
    isCondition(condition);
    return ternary("where", Ternary.WHERE, condition, a, b, dtype);
  }

  /** dy where a was taken, or, if {@code taken} is false, where it was not. */
  static Tensor whereGradient(Tensor dy, Tensor condition, Layout operand, boolean taken) {
    Checks.isFloat("whereGradient", dy);
    isCondition(condition);
    try (Tensor zero = Tensor.zeros(dy.device(), Shape.of(), DType.FP32)) {
      return ternaryGradient(
          "whereGradient", Ternary.WHERE, condition, taken ? dy : zero, taken ? zero : dy, operand);
    }
  }

  private static void isCondition(Tensor condition) {
    if (condition.dtype() != DType.INT32) {
      throw new ShapeException(
          "where: the condition %s is %s, but must be INT32: 0 for no, else yes"
              .formatted(condition.shape(), condition.dtype()));
    }
  }

  /** A number that an operation takes besides tensors. */
  static float atLeastZero(String operation, String name, float value) {
    if (!(value >= 0)) {
      throw new IllegalArgumentException(
          operation + ": " + name + " must be at least 0, but is " + value);
    }
    return value;
  }

  /** The function of two bounds. */
  static Unary bounds(String operation, Unary.Function function, float least, float most) {
    if (!(least <= most)) {
      throw new IllegalArgumentException(
          "%s: the least (%s) must not be above the most (%s)".formatted(operation, least, most));
    }
    return new Unary(function, least, most);
  }

  static Tensor unary(String operation, Unary function, Tensor x, DType dtype) {
    Checks.isFloat(operation, x);
    Tensor y = Tensor.allocate(x.device(), x.shape(), dtype);
    try (Tensor rowMajor = x.contiguous()) {
      x.device().backend().unary(function, rowMajor.operand(), y.operand());
    }
    return y;
  }

  /** dx in the operand's element type; {@code saved} is y or x as the function says. */
  static Tensor unaryGradient(
      String operation, Unary function, Tensor dy, Tensor saved, DType dtype) {
    Checks.isFloat(operation, dy, saved);
    Checks.sameShape(operation, dy, saved);
    Tensor dx = Tensor.allocate(dy.device(), dy.shape(), dtype);
    try (Tensor gradient = dy.contiguous();
        Tensor at = saved.contiguous()) {
      dy.device().backend().unaryGradient(function, gradient.operand(), at.operand(), dx.operand());
    }
    return dx;
  }

  static Tensor scale(Tensor x, float factor) {
    Checks.isFloat("scale", x);
    return scale(x, factor, x.dtype());
  }

  /** The result is stored in the order in which x is. */
  static Tensor scale(Tensor x, float factor, DType dtype) {
    Tensor y = Tensor.allocate(x.device(), stored(x, dtype));
    x.device().backend().scale(x.stored(), factor, y.stored());
    return y;
  }

  static Tensor cast(Tensor x, DType dtype) {
    if (x.dtype() == dtype || x.dtype() == DType.INT32) {
      return x.retain();
    }
    if (!x.dtype().isFloat() || !dtype.isFloat()) {
      throw new ShapeException(
          "cast: %s from %s to %s; only float types are cast into each other"
              .formatted(x.shape(), x.dtype(), dtype));
    }
    Tensor y = Tensor.allocate(x.device(), stored(x, dtype));
    x.device().backend().cast(x.stored(), y.stored());
    return y;
  }

  private static Layout stored(Tensor x, DType dtype) {
    return new Layout(x.shape(), dtype, x.layout().transposed());
  }

  static Tensor dropout(@Nullable Finish finish, Tape tape, Tensor x, float rate) {
    Checks.isFloat("dropout", x);
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException(
          "dropout: the rate must be at least 0 and less than 1, but is " + rate);
    }
    if (!tape.training()) {
      return finish == null ? x.retain() : finish.on(x.retain());
    }
    long seed = tape.nextSeed();
    tape.save(seed);
    return dropped(finish, x, rate, seed);
  }

  static Tensor dropped(@Nullable Finish finish, Tensor x, float rate, long seed) {
    Device device = x.device();
    try (Tensor rowMajor = x.contiguous()) {
      return Finish.of(
          finish,
          device,
          x.shape(),
          x.dtype(),
          (y, tail) -> device.backend().dropout(rowMajor.operand(), y.operand(), rate, seed, tail));
    }
  }
}
