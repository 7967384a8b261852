package dev.mezzo;

import dev.mezzo.GradientCheck.Backward;
import dev.mezzo.GradientCheck.Forward;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * One gradient method on operands of some shapes.
 *
 * @param method the gradient's name
 * @param positive whether the first operand is made positive (a logarithm's)
 */
record GradientCase(
    String method,
    String shapes,
    boolean positive,
    Forward forward,
    int wrt,
    Backward backward,
    Shape... operands) {

  private static final Shape VECTOR = Shape.of(5);
  private static final Shape MATRIX = Shape.of(3, 5);

  /** Every gradient of {@link Ops}. */
  static List<GradientCase> all() {
    List<GradientCase> cases = new ArrayList<>();
    matrices(cases);
    arithmetic(cases);
    functions(cases);
    reductions(cases);
    losses(cases);
    views(cases);
    ImageGradientCases.add(cases);
    return cases;
  }

  private static void matrices(List<GradientCase> cases) {
    Shape[][] products = {
      {Shape.of(3, 4), Shape.of(4, 5)},
      {Shape.of(2, 3, 4), Shape.of(2, 4, 5)},
      {Shape.of(2, 3, 4), Shape.of(4, 5)},
      {Shape.of(3, 4), Shape.of(2, 4, 5)},
      {Shape.of(2, 1, 3, 4), Shape.of(3, 4, 2)},
      {Shape.of(1, 1), Shape.of(1, 1)}
    };
    Forward matmul = x -> Ops.matmul(x[0], x[1]);
    Backward a = (dy, y, x) -> MatrixGradients.matmulGradientA(dy, x[1], x[0].layout());
    Backward b = (dy, y, x) -> MatrixGradients.matmulGradientB(dy, x[0], x[1].layout());
    for (Shape[] operands : products) {
      add(cases, "matmulGradientA", matmul, 0, a, operands);
      add(cases, "matmulGradientB", matmul, 1, b, operands);
    }
    Forward linear = x -> Ops.linear(x[0], x[1], x[2]);
    for (Shape x : List.of(Shape.of(3, 4), Shape.of(2, 3, 4), Shape.of(4))) {
      Shape[] operands = {x, Shape.of(5, 4), VECTOR};
      add(
          cases,
          "linearGradientX",
          linear,
          0,
          (dy, y, o) -> MatrixGradients.linearGradientX(dy, o[1], o[0].layout()),
          operands);
      add(
          cases,
          "linearGradientWeight",
          linear,
          1,
          (dy, y, o) -> MatrixGradients.linearGradientWeight(dy, o[0]),
          operands);
      add(
          cases,
          "linearGradientBias",
          linear,
          2,
          (dy, y, o) -> MatrixGradients.linearGradientBias(dy, o[2].layout()),
          operands);
    }
  }

  private static void arithmetic(List<GradientCase> cases) {
    Shape[][] broadcasts = {
      {MATRIX, MATRIX},
      {MATRIX, VECTOR},
      {VECTOR, MATRIX},
      {MATRIX, Shape.of()},
      {Shape.of(3, 1), Shape.of(1, 5)},
      {Shape.of(2, 1, 3, 1), Shape.of(4, 1, 2)},
      {Shape.of(1, 1, 5), VECTOR}
    };
    for (Shape[] operands : broadcasts) {
      Forward add = x -> Ops.add(x[0], x[1]);
      add(
          cases,
          "addGradientA",
          add,
          0,
          (dy, y, x) -> ElementwiseGradients.addGradientA(dy, x[0].layout()),
          operands);
      add(
          cases,
          "addGradientB",
          add,
          1,
          (dy, y, x) -> ElementwiseGradients.addGradientB(dy, x[1].layout()),
          operands);
      Forward subtract = x -> Ops.subtract(x[0], x[1]);
      add(
          cases,
          "subtractGradientA",
          subtract,
          0,
          (dy, y, x) -> ElementwiseGradients.subtractGradientA(dy, x[0].layout()),
          operands);
      add(
          cases,
          "subtractGradientB",
          subtract,
          1,
          (dy, y, x) -> ElementwiseGradients.subtractGradientB(dy, x[1].layout()),
          operands);
      Forward multiply = x -> Ops.multiply(x[0], x[1]);
      add(
          cases,
          "multiplyGradientA",
          multiply,
          0,
          (dy, y, x) -> ElementwiseGradients.multiplyGradientA(dy, x[1], x[0].layout()),
          operands);
      add(
          cases,
          "multiplyGradientB",
          multiply,
          1,
          (dy, y, x) -> ElementwiseGradients.multiplyGradientB(dy, x[0], x[1].layout()),
          operands);
    }
    add(
        cases,
        "scaleGradient",
        x -> Ops.scale(x[0], -2.5f),
        0,
        (dy, y, x) -> ElementwiseGradients.scaleGradient(dy, -2.5f),
        MATRIX);
  }

  private static void functions(List<GradientCase> cases) {
    add(
        cases,
        "reluGradient",
        x -> Ops.relu(x[0]),
        0,
        (dy, y, x) -> ElementwiseGradients.reluGradient(dy, y),
        MATRIX);
    add(
        cases,
        "geluGradient",
        x -> Ops.gelu(x[0]),
        0,
        (dy, y, x) -> ElementwiseGradients.geluGradient(dy, x[0]),
        MATRIX);
    add(
        cases,
        "sigmoidGradient",
        x -> Ops.sigmoid(x[0]),
        0,
        (dy, y, x) -> ElementwiseGradients.sigmoidGradient(dy, y),
        MATRIX);
    add(
        cases,
        "tanhGradient",
        x -> Ops.tanh(x[0]),
        0,
        (dy, y, x) -> ElementwiseGradients.tanhGradient(dy, y),
        MATRIX);
    add(
        cases,
        "expGradient",
        x -> Ops.exp(x[0]),
        0,
        (dy, y, x) -> ElementwiseGradients.expGradient(dy, y, x[0].layout()),
        MATRIX);
    cases.add(
        new GradientCase(
            "logGradient",
            MATRIX.toString(),
            true,
            x -> Ops.log(x[0]),
            0,
            (dy, y, x) -> ElementwiseGradients.logGradient(dy, x[0]),
            MATRIX));
    add(
        cases,
        "softmaxGradient",
        x -> Ops.softmax(x[0]),
        0,
        (dy, y, x) -> ReductionGradients.softmaxGradient(dy, y),
        MATRIX);
    add(
        cases,
        "logSoftmaxGradient",
        x -> Ops.logSoftmax(x[0]),
        0,
        (dy, y, x) -> ReductionGradients.logSoftmaxGradient(dy, y, x[0].layout()),
        MATRIX);
  }

  private static void reductions(List<GradientCase> cases) {
    Shape cube = Shape.of(2, 3, 4);
    add(
        cases,
        "sumGradient",
        x -> Ops.sum(x[0]),
        0,
        (dy, y, x) -> ReductionGradients.sumGradient(dy, x[0].layout()),
        cube);
    add(
        cases,
        "meanGradient",
        x -> Ops.mean(x[0]),
        0,
        (dy, y, x) -> ReductionGradients.meanGradient(dy, x[0].layout()),
        cube);
    for (int axis : new int[] {0, 1, 2, -1}) {
      add(
          cases,
          "sumGradient",
          x -> Ops.sum(x[0], axis),
          0,
          (dy, y, x) -> ReductionGradients.sumGradient(dy, x[0].layout(), axis),
          cube);
      add(
          cases,
          "meanGradient",
          x -> Ops.mean(x[0], axis),
          0,
          (dy, y, x) -> ReductionGradients.meanGradient(dy, x[0].layout(), axis),
          cube);
    }
  }

  private static void losses(List<GradientCase> cases) {
    add(
        cases,
        "crossEntropyGradient",
        x -> withLabels(x[0], labels -> Ops.crossEntropy(x[0], labels)),
        0,
        (dy, y, x) ->
            withLabels(x[0], labels -> LossGradients.crossEntropyGradient(dy, x[0], labels)),
        MATRIX);
    Forward squares = x -> Ops.meanSquaredError(x[0], x[1]);
    add(
        cases,
        "meanSquaredErrorGradientX",
        squares,
        0,
        (dy, y, x) -> LossGradients.meanSquaredErrorGradientX(dy, x[0], x[1]),
        MATRIX,
        MATRIX);
    add(
        cases,
        "meanSquaredErrorGradientTarget",
        squares,
        1,
        (dy, y, x) -> LossGradients.meanSquaredErrorGradientTarget(dy, x[0], x[1]),
        MATRIX,
        MATRIX);
  }

  private static void views(List<GradientCase> cases) {
    add(
        cases,
        "reshapeGradient",
        x -> Ops.reshape(x[0], -1, 3),
        0,
        (dy, y, x) -> ViewGradients.reshapeGradient(dy, x[0].layout()),
        MATRIX);
    add(
        cases,
        "transposeGradient",
        x -> Ops.transpose(x[0]),
        0,
        (dy, y, x) -> ViewGradients.transposeGradient(dy),
        MATRIX);
  }

  private static Tensor withLabels(Tensor logits, UnaryOperator<Tensor> body) {
    try (Tensor labels = Tensor.allocate(logits.device(), Shape.of(3), DType.INT32)) {
      return body.apply(labels.copyFrom(new int[] {4, 0, 2}));
    }
  }

  static void add(
      List<GradientCase> cases,
      String method,
      Forward forward,
      int wrt,
      Backward backward,
      Shape... operands) {
    cases.add(
        new GradientCase(
            method, List.of(operands).toString(), false, forward, wrt, backward, operands));
  }

  /** The case's operands in FP32, which the caller closes. */
  Tensor[] make(Device device) {
    Tensor[] made = new Tensor[operands.length];
    for (int i = 0; i < made.length; i++) {
      made[i] = GradientCheck.random(device, operands[i]);
      if (positive) {
        float[] values = made[i].toFloats();
        for (int j = 0; j < values.length; j++) {
          values[j] = 0.75f + Math.abs(values[j]);
        }
        made[i].copyFrom(values);
      }
    }
    return made;
  }

  @Override
  public String toString() {
    return method + " " + shapes;
  }
}
