package dev.mezzo;

import dev.mezzo.GradientCheck.Backward;
import dev.mezzo.GradientCheck.Forward;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
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
    activations(cases);
    powers(cases);
    reductions(cases);
    axes(cases);
    arrangements(cases);
    losses(cases);
    views(cases);
    ImageGradientCases.add(cases);
    SequenceGradientCases.add(cases);
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
    for (String spec : List.of("bij,bjk->bik", "bij,bjk->ki", "bij,bjk->k")) {
      Shape[] operands = {Shape.of(2, 3, 4), Shape.of(2, 4, 5)};
      Forward einsum = x -> Ops.einsum(spec, x[0], x[1]);
      add(
          cases,
          "einsumGradientA",
          einsum,
          0,
          (dy, y, x) -> EinsumGradients.einsumGradientA(dy, x[1], x[0].layout(), spec),
          operands);
      add(
          cases,
          "einsumGradientB",
          einsum,
          1,
          (dy, y, x) -> EinsumGradients.einsumGradientB(dy, x[0], x[1].layout(), spec),
          operands);
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

  private static void activations(List<GradientCase> cases) {
    function(
        cases,
        "geluTanhGradient",
        Ops::geluTanh,
        (dy, y, x) -> ActivationGradients.geluTanhGradient(dy, x[0]));
    function(
        cases, "siluGradient", Ops::silu, (dy, y, x) -> ActivationGradients.siluGradient(dy, x[0]));
    function(
        cases,
        "eluGradient",
        x -> Ops.elu(x, 0.7f),
        (dy, y, x) -> ActivationGradients.eluGradient(dy, y, 0.7f));
    function(
        cases,
        "leakyReluGradient",
        x -> Ops.leakyRelu(x, 0.1f),
        (dy, y, x) -> ActivationGradients.leakyReluGradient(dy, y, 0.1f));
    function(
        cases,
        "softplusGradient",
        Ops::softplus,
        (dy, y, x) -> ActivationGradients.softplusGradient(dy, x[0]));
    function(
        cases,
        "hardTanhGradient",
        x -> Ops.hardTanh(x, -5, 5),
        (dy, y, x) -> ActivationGradients.hardTanhGradient(dy, x[0], -5, 5));
    function(
        cases,
        "hardSigmoidGradient",
        Ops::hardSigmoid,
        (dy, y, x) -> ActivationGradients.hardSigmoidGradient(dy, x[0]));
    function(
        cases,
        "hardSwishGradient",
        Ops::hardSwish,
        (dy, y, x) -> ActivationGradients.hardSwishGradient(dy, x[0]));
    function(cases, "sinGradient", Ops::sin, (dy, y, x) -> PowerGradients.sinGradient(dy, x[0]));
    function(cases, "cosGradient", Ops::cos, (dy, y, x) -> PowerGradients.cosGradient(dy, x[0]));
    function(
        cases,
        "squareGradient",
        Ops::square,
        (dy, y, x) -> PowerGradients.squareGradient(dy, x[0]));
    function(cases, "absGradient", Ops::abs, (dy, y, x) -> PowerGradients.absGradient(dy, x[0]));
    function(cases, "negateGradient", Ops::negate, (dy, y, x) -> PowerGradients.negateGradient(dy));
    function(
        cases,
        "clampGradient",
        x -> Ops.clamp(x, -5, 5),
        (dy, y, x) -> SelectionGradients.clampGradient(dy, x[0], -5, 5));
  }

  /** Of positive operands. */
  private static void powers(List<GradientCase> cases) {
    positive(
        cases,
        "powGradient",
        x -> Ops.pow(x[0], 2.5f),
        (dy, y, x) -> PowerGradients.powGradient(dy, x[0], 2.5f));
    positive(
        cases,
        "sqrtGradient",
        x -> Ops.sqrt(x[0]),
        (dy, y, x) -> PowerGradients.sqrtGradient(dy, y));
    positive(
        cases,
        "rsqrtGradient",
        x -> Ops.rsqrt(x[0]),
        (dy, y, x) -> PowerGradients.rsqrtGradient(dy, y, x[0].layout()));
    positive(
        cases,
        "reciprocalGradient",
        x -> Ops.reciprocal(x[0]),
        (dy, y, x) -> PowerGradients.reciprocalGradient(dy, y, x[0].layout()));
    positive(
        cases,
        "logGradient",
        x -> Ops.log(x[0]),
        (dy, y, x) -> ElementwiseGradients.logGradient(dy, x[0]));
    for (Shape[] operands :
        List.of(new Shape[] {MATRIX, MATRIX}, new Shape[] {VECTOR, Shape.of(3, 1)})) {
      add(
          cases,
          "divideGradientA",
          x -> divided(x, Ops::divide),
          0,
          (dy, y, x) ->
              divided(x, (a, b) -> ElementwiseGradients.divideGradientA(dy, b, a.layout())),
          operands);
      cases.add(
          new GradientCase(
              "divideGradientB",
              List.of(operands).toString(),
              true,
              x -> Ops.divide(x[1], x[0]),
              0,
              (dy, y, x) -> ElementwiseGradients.divideGradientB(dy, x[1], x[0]),
              operands));
      add(
          cases,
          "maximumGradientA",
          x -> Ops.maximum(x[0], x[1]),
          0,
          (dy, y, x) -> SelectionGradients.maximumGradientA(dy, x[0], x[1]),
          operands);
      add(
          cases,
          "maximumGradientB",
          x -> Ops.maximum(x[0], x[1]),
          1,
          (dy, y, x) -> SelectionGradients.maximumGradientB(dy, x[0], x[1]),
          operands);
      add(
          cases,
          "minimumGradientA",
          x -> Ops.minimum(x[0], x[1]),
          0,
          (dy, y, x) -> SelectionGradients.minimumGradientA(dy, x[0], x[1]),
          operands);
      add(
          cases,
          "minimumGradientB",
          x -> Ops.minimum(x[0], x[1]),
          1,
          (dy, y, x) -> SelectionGradients.minimumGradientB(dy, x[0], x[1]),
          operands);
      add(
          cases,
          "whereGradientA",
          x -> where(x[0], c -> Ops.where(c, x[0], x[1])),
          0,
          (dy, y, x) -> where(x[0], c -> SelectionGradients.whereGradientA(dy, c, x[0].layout())),
          operands);
      add(
          cases,
          "whereGradientB",
          x -> where(x[0], c -> Ops.where(c, x[0], x[1])),
          1,
          (dy, y, x) -> where(x[0], c -> SelectionGradients.whereGradientB(dy, c, x[1].layout())),
          operands);
    }
  }

  /** The second operand is the divisor, away from 0. */
  private static Tensor divided(Tensor[] x, BinaryOperator<Tensor> body) {
    try (Tensor three = Tensor.allocate(x[1].device(), Shape.of(), x[1].dtype()).fill(3);
        Tensor divisor = Ops.add(x[1], three)) {
      return body.apply(x[0], divisor);
    }
  }

  private static Tensor where(Tensor like, UnaryOperator<Tensor> body) {
    try (Tensor condition = Tensor.allocate(like.device(), VECTOR, DType.INT32)) {
      return body.apply(condition.copyFrom(new int[] {1, 0, 0, -1, 1}));
    }
  }

  private static void function(
      List<GradientCase> cases, String method, UnaryOperator<Tensor> forward, Backward backward) {
    add(cases, method, x -> forward.apply(x[0]), 0, backward, MATRIX);
  }

  private static void positive(
      List<GradientCase> cases, String method, Forward forward, Backward backward) {
    cases.add(new GradientCase(method, MATRIX.toString(), true, forward, 0, backward, MATRIX));
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

  private static void axes(List<GradientCase> cases) {
    Shape cube = Shape.of(2, 3, 4);
    for (int[] axes : new int[][] {{0}, {1}, {2, 0}, {0, 1, 2}, {-1, 1}}) {
      add(
          cases,
          "sumGradient",
          x -> Ops.sum(x[0], axes, false),
          0,
          (dy, y, x) -> ReductionGradients.sumGradient(dy, x[0].layout(), axes),
          cube);
      add(
          cases,
          "meanGradient",
          x -> Ops.mean(x[0], axes, true),
          0,
          (dy, y, x) -> ReductionGradients.meanGradient(dy, x[0].layout(), axes),
          cube);
      add(
          cases,
          "maxGradient",
          x -> apart(x[0], z -> Ops.max(z, axes, false)),
          0,
          (dy, y, x) -> apart(x[0], z -> ReductionGradients.maxGradient(dy, y, z, axes)),
          cube);
      add(
          cases,
          "minGradient",
          x -> apart(x[0], z -> Ops.min(z, axes, true)),
          0,
          (dy, y, x) -> apart(x[0], z -> ReductionGradients.minGradient(dy, y, z, axes)),
          cube);
      add(
          cases,
          "varianceGradient",
          x -> Ops.variance(x[0], axes, 0, true),
          0,
          (dy, y, x) -> ReductionGradients.varianceGradient(dy, x[0], axes, 0),
          cube);
    }
  }

  /** x and multiples of 4, in no order, so that no two elements are near to each other. */
  private static Tensor apart(Tensor x, UnaryOperator<Tensor> body) {
    float[] steps = new float[(int) x.shape().size()];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = 4 * (7 * i % steps.length);
    }
    try (Tensor full = Tensor.allocate(x.device(), x.shape(), DType.FP32).copyFrom(steps);
        Tensor distance = Ops.cast(full, x.dtype());
        Tensor sum = Ops.add(x, distance)) {
      return body.apply(sum);
    }
  }

  private static void arrangements(List<GradientCase> cases) {
    Shape cube = Shape.of(2, 3, 4);
    int[] order = {1, 2, 0};
    int[] from = {0, 1, -3};
    int[] to = {2, 3, -1};
    add(
        cases,
        "permuteGradient",
        x -> Ops.permute(x[0], order),
        0,
        (dy, y, x) -> ArrangementGradients.permuteGradient(dy, order),
        cube);
    add(
        cases,
        "sliceGradient",
        x -> Ops.slice(x[0], 1, -2, 3),
        0,
        (dy, y, x) -> ArrangementGradients.sliceGradient(dy, x[0].layout(), 1, -2),
        cube);
    add(
        cases,
        "cropGradient",
        x -> Ops.crop(x[0], from, to),
        0,
        (dy, y, x) -> ArrangementGradients.cropGradient(dy, x[0].layout(), from),
        cube);
    add(
        cases,
        "padGradient",
        x -> Ops.pad(x[0], order, order, 7),
        0,
        (dy, y, x) -> ArrangementGradients.padGradient(dy, x[0].layout(), order),
        cube);
    Forward concat = x -> Ops.concat(x[0], x[1], 1);
    add(
        cases,
        "concatGradientA",
        concat,
        0,
        (dy, y, x) -> ArrangementGradients.concatGradientA(dy, x[0].layout(), 1),
        cube,
        Shape.of(2, 1, 4));
    add(
        cases,
        "concatGradientB",
        concat,
        1,
        (dy, y, x) -> ArrangementGradients.concatGradientB(dy, x[1].layout(), 1),
        cube,
        Shape.of(2, 1, 4));
    add(
        cases,
        "gatherGradient",
        x -> picked(x[0], index -> Ops.gather(x[0], index, -1)),
        0,
        (dy, y, x) ->
            picked(
                x[0], index -> ArrangementGradients.gatherGradient(dy, index, x[0].layout(), -1)),
        MATRIX);
    Forward scatter = x -> picked(x[0], index -> Ops.scatterAdd(x[0], index, x[1], 1));
    add(
        cases,
        "scatterAddGradientX",
        scatter,
        0,
        (dy, y, x) -> ArrangementGradients.scatterAddGradientX(dy),
        MATRIX,
        Shape.of(3, 2));
    add(
        cases,
        "scatterAddGradientSource",
        scatter,
        1,
        (dy, y, x) ->
            picked(x[0], index -> ArrangementGradients.scatterAddGradientSource(dy, index, 1)),
        MATRIX,
        Shape.of(3, 2));
    add(
        cases,
        "cumulativeSumGradient",
        x -> Ops.cumulativeSum(x[0], 1),
        0,
        (dy, y, x) -> ArrangementGradients.cumulativeSumGradient(dy, x[0].layout(), 1),
        cube);
  }

  /** Two columns of each of three rows, one of them twice. */
  private static Tensor picked(Tensor x, UnaryOperator<Tensor> body) {
    try (Tensor index = Tensor.allocate(x.device(), Shape.of(3, 2), DType.INT32)) {
      return body.apply(index.copyFrom(new int[] {4, 0, 2, 2, 1, 3}));
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
    Forward smooth = x -> withLabels(x[0], labels -> Ops.crossEntropy(x[0], labels, 0.3f, 0));
    add(
        cases,
        "crossEntropyGradient",
        smooth,
        0,
        (dy, y, x) ->
            withLabels(
                x[0], labels -> LossGradients.crossEntropyGradient(dy, x[0], labels, 0.3f, 0)),
        MATRIX);
    add(
        cases,
        "crossEntropyByClassGradient",
        x ->
            withLabels(
                x[0],
                labels ->
                    weighted(x[0], 5, w -> Ops.crossEntropyByClass(x[0], labels, w, 0.3f, -1))),
        0,
        (dy, y, x) ->
            withLabels(
                x[0],
                labels ->
                    weighted(
                        x[0],
                        5,
                        w ->
                            LossGradients.crossEntropyByClassGradient(
                                dy, x[0], labels, w, 0.3f, -1))),
        MATRIX);
    add(
        cases,
        "crossEntropyByTokenGradient",
        x ->
            withLabels(
                x[0],
                labels -> weighted(x[0], 3, w -> Ops.crossEntropyByToken(x[0], labels, w, 0, -1))),
        0,
        (dy, y, x) ->
            withLabels(
                x[0],
                labels ->
                    weighted(
                        x[0],
                        3,
                        w ->
                            LossGradients.crossEntropyByTokenGradient(dy, x[0], labels, w, 0, -1))),
        MATRIX);
    pair(
        cases,
        "binaryCrossEntropyWithLogits",
        Ops::binaryCrossEntropyWithLogits,
        LossGradients::binaryCrossEntropyWithLogitsGradientX,
        LossGradients::binaryCrossEntropyWithLogitsGradientTarget);
    pair(
        cases,
        "smoothL1",
        (x, t) -> Ops.smoothL1(x, t, 5),
        (dy, x, t) -> LossGradients.smoothL1GradientX(dy, x, t, 5),
        (dy, x, t) -> LossGradients.smoothL1GradientTarget(dy, x, t, 5));
    add(
        cases,
        "focalLossGradient",
        x -> Ops.focalLoss(x[0], x[1], 0.25f, 2),
        0,
        (dy, y, x) -> LossGradients.focalLossGradient(dy, x[0], x[1], 0.25f, 2),
        MATRIX,
        MATRIX);
    pair(
        cases,
        "cosineSimilarity",
        (a, b) -> Ops.cosineSimilarity(a, b, 1e-8f),
        (dy, a, b) -> LossGradients.cosineSimilarityGradientA(dy, a, b, 1e-8f),
        (dy, a, b) -> LossGradients.cosineSimilarityGradientB(dy, a, b, 1e-8f));
    add(
        cases,
        "klDivergenceGradientX",
        x -> probability(x[1], p -> Ops.klDivergence(x[0], p)),
        0,
        (dy, y, x) -> probability(x[1], p -> LossGradients.klDivergenceGradientX(dy, x[0], p)),
        MATRIX,
        MATRIX);
    cases.add(
        new GradientCase(
            "klDivergenceGradientTarget",
            MATRIX.toString(),
            true,
            x -> Ops.klDivergence(x[1], x[0]),
            0,
            (dy, y, x) -> LossGradients.klDivergenceGradientTarget(dy, x[1], x[0]),
            MATRIX,
            MATRIX));
    add(
        cases,
        "binaryCrossEntropyGradientTarget",
        x -> probability(x[1], p -> Ops.binaryCrossEntropy(p, x[0])),
        0,
        (dy, y, x) ->
            probability(x[1], p -> LossGradients.binaryCrossEntropyGradientTarget(dy, p, x[0])),
        MATRIX,
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

  /** By the first operand and by the second. */
  private static void pair(
      List<GradientCase> cases, String operation, BinaryOperator<Tensor> forward, Of by0, Of by1) {
    boolean rows = operation.equals("cosineSimilarity");
    add(
        cases,
        operation + (rows ? "GradientA" : "GradientX"),
        x -> forward.apply(x[0], x[1]),
        0,
        (dy, y, x) -> by0.apply(dy, x[0], x[1]),
        MATRIX,
        MATRIX);
    add(
        cases,
        operation + (rows ? "GradientB" : "GradientTarget"),
        x -> forward.apply(x[0], x[1]),
        1,
        (dy, y, x) -> by1.apply(dy, x[0], x[1]),
        MATRIX,
        MATRIX);
  }

  /** A gradient that reads two operands. */
  private interface Of {
    Tensor apply(Tensor dy, Tensor x, Tensor target);
  }

  private static Tensor probability(Tensor x, UnaryOperator<Tensor> body) {
    try (Tensor p = Ops.sigmoid(x)) {
      return body.apply(p);
    }
  }

  private static Tensor weighted(Tensor like, int count, UnaryOperator<Tensor> body) {
    float[] weights = new float[count];
    for (int i = 0; i < count; i++) {
      weights[i] = 0.5f + i;
    }
    try (Tensor full =
        Tensor.allocate(like.device(), Shape.of(count), DType.FP32).copyFrom(weights)) {
      return body.apply(full);
    }
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
