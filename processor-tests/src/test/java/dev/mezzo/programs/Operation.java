package dev.mezzo.programs;

import java.util.function.Function;

/**
 * An operation of the library with its plain arguments.
 *
 * @param call its call, with a %s for each operand
 * @param arity how many operands it has
 * @param needsFull whether its class is DENY
 * @param function what it computes
 */
public record Operation(
    String call, int arity, boolean needsFull, Function<Matrix[], Matrix> function) {

  private static final double EPSILON = 0.01;

  static final Operation[] UNARY = {
    unary("tanh(%s)", x -> x.map(Math::tanh)),
    unary("sigmoid(%s)", x -> x.map(Operation::sigmoid)),
    unary("geluTanh(%s)", x -> x.map(Operation::gelu)),
    unary("silu(%s)", x -> x.map(v -> v * sigmoid(v))),
    unary("softplus(%s)", x -> x.map(v -> Math.log1p(Math.exp(v)))),
    unary("sin(%s)", x -> x.map(Math::sin)),
    unary("negate(%s)", x -> x.map(v -> -v)),
    unary("scale(%s, 0.5f)", x -> x.map(v -> v / 2)),
    unary("scale(%s, -1.25f)", x -> x.map(v -> -1.25 * v)),
    unary("softmax(%s)", Operation::softmax),
    new Operation("exp(%s)", 1, true, x -> x[0].map(Math::exp)),
    new Operation("square(%s)", 1, true, x -> x[0].map(v -> v * v)),
    new Operation("logSoftmax(%s)", 1, true, x -> logSoftmax(x[0])),
  };

  /** Has a kink at 0. */
  static final Operation RELU = unary("relu(%s)", x -> x.map(v -> Math.max(v, 0)));

  static final Operation TRANSPOSE = unary("transpose(%s)", Matrix::transposed);
  static final Operation TURNED = unary("permute(%s, 1, 0)", Matrix::transposed);
  static final Operation STOP_GRADIENT = unary("stopGradient(%s)", x -> x);

  static final float RATE = 0.25f;

  /** In inference; what it does in training the evaluation knows. */
  static final Operation DROPOUT = unary("dropout(%s, " + RATE + "f)", x -> x);

  static final Operation[] BINARY = {
    binary("add(%s, %s)", (a, b) -> a.zip(b, Double::sum)),
    binary("subtract(%s, %s)", (a, b) -> a.zip(b, (x, y) -> x - y)),
    binary("multiply(%s, %s)", (a, b) -> a.zip(b, (x, y) -> x * y)),
  };

  static final Operation MATMUL = binary("matmul(%s, %s)", Matrix::times);

  static final Operation LINEAR =
      new Operation(
          "linear(%s, %s, %s)",
          3, false, x -> x[0].times(x[1].transposed()).zip(x[2], Double::sum));

  static final Operation LAYER_NORM =
      new Operation(
          "layerNorm(%s, %s, %s, " + (float) EPSILON + "f)",
          3,
          false,
          x -> normed(x[0]).zip(x[1], (a, b) -> a * b).zip(x[2], Double::sum));

  static Operation mean(int axis) {
    return new Operation(
        "mean(%s, new int[] {" + axis + "}, true)", 1, true, x -> mean(x[0], axis));
  }

  static Operation sum(int axis) {
    return new Operation("sum(%s, new int[] {" + axis + "}, true)", 1, true, x -> x[0].sum(axis));
  }

  static Operation slice(int axis, int from, int to) {
    return unary("slice(%s, " + axis + ", " + from + ", " + to + ")", x -> x.slice(axis, from, to));
  }

  static Operation concat(int axis) {
    return binary("concat(%s, %s, " + axis + ")", (a, b) -> a.concat(b, axis));
  }

  static Operation reshape(int rows, int columns) {
    return unary(
        "reshape(%s, " + rows + ", " + columns + ")",
        x -> new Matrix(rows, columns, x.values().clone()));
  }

  private static Operation unary(String call, Function<Matrix, Matrix> function) {
    return new Operation(call, 1, false, x -> function.apply(x[0]));
  }

  private static Operation binary(String call, java.util.function.BinaryOperator<Matrix> function) {
    return new Operation(call, 2, false, x -> function.apply(x[0], x[1]));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double gelu(double x) {
    return x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  private static Matrix softmax(Matrix x) {
    Matrix e = x.zip(x.rowMax(), (v, max) -> Math.exp(v - max));
    return e.zip(e.sum(1), (a, b) -> a / b);
  }

  private static Matrix logSoftmax(Matrix x) {
    Matrix shifted = x.zip(x.rowMax(), (v, max) -> v - max);
    return shifted.zip(shifted.map(Math::exp).sum(1), (v, sum) -> v - Math.log(sum));
  }

  private static Matrix mean(Matrix x, int axis) {
    int count = axis == 0 ? x.rows() : x.columns();
    return x.sum(axis).map(v -> v / count);
  }

  private static Matrix normed(Matrix x) {
    Matrix centered = x.zip(mean(x, 1), (a, b) -> a - b);
    Matrix variance = mean(centered.map(v -> v * v), 1);
    return centered.zip(variance, (a, v) -> a / Math.sqrt(v + EPSILON));
  }
}
