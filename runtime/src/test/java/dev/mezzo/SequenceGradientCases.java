package dev.mezzo;

import static java.util.Objects.requireNonNull;

import dev.mezzo.GradientCheck.Backward;
import dev.mezzo.GradientCheck.Forward;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The gradients of operations on sequences. */
final class SequenceGradientCases {

  private static final float EPSILON = 1e-3f;

  private SequenceGradientCases() {}

  static void add(List<GradientCase> cases) {
    norms(cases);
    embedding(cases);
    attention(cases);
    recurrences(cases);
    feedForward(cases);
    GradientCase.add(
        cases,
        "ctcLossGradient",
        x -> withTargets(x[0], targets -> Ops.ctcLoss(x[0], targets)),
        0,
        (dy, y, x) -> withTargets(x[0], targets -> CtcGradients.ctcLossGradient(dy, x[0], targets)),
        Shape.of(5, 2, 4));
  }

  private static Tensor withTargets(Tensor logits, UnaryOperator<Tensor> body) {
    try (Tensor targets = Tensor.allocate(logits.device(), Shape.of(2, 2), DType.INT32)) {
      return body.apply(targets.copyFrom(new int[] {3, 3, 1, 2}));
    }
  }

  private static void feedForward(List<GradientCase> cases) {
    joint(
        cases,
        "geluLinearGradient",
        x -> Ops.geluLinear(x[0], x[1], x[2]),
        (dy, y, x) -> MatrixGradients.geluLinearGradient(dy, x[0], x[1], x[2].layout()),
        Shape.of(2, 3, 4),
        Shape.of(5, 4),
        Shape.of(5));
  }

  private static void recurrences(List<GradientCase> cases) {
    for (int directions : new int[] {1, 2}) {
      int hidden = 2;
      Shape lstm = Shape.of(directions, 4 * hidden, hidden);
      joint(
          cases,
          "lstmGradient",
          x -> Ops.lstm(x[0], x[1]),
          (dy, y, x) ->
              taped(
                  tape -> Ops.lstm(tape, x[0], x[1]),
                  tape -> RecurrenceGradients.lstmGradient(tape, dy, y, x[1])),
          Shape.of(3, 2, directions * 4 * hidden),
          lstm);
      joint(
          cases,
          "gruGradient",
          x -> Ops.gru(x[0], x[1], x[2]),
          (dy, y, x) ->
              taped(
                  tape -> Ops.gru(tape, x[0], x[1], x[2]),
                  tape -> RecurrenceGradients.gruGradient(tape, dy, y, x[1], x[2])),
          Shape.of(3, 2, directions * 3 * hidden),
          Shape.of(directions, 3 * hidden, hidden),
          Shape.of(directions, hidden));
      joint(
          cases,
          "rnnGradient",
          x -> Ops.rnn(x[0], x[1], false),
          (dy, y, x) -> RecurrenceGradients.rnnGradient(dy, y, x[1], false),
          Shape.of(3, 2, directions * hidden),
          Shape.of(directions, hidden, hidden));
    }
  }

  private static void norms(List<GradientCase> cases) {
    Shape[] operands = {Shape.of(2, 3, 5), Shape.of(5), Shape.of(5)};
    joint(
        cases,
        "layerNormGradient",
        x -> Ops.layerNorm(x[0], x[1], x[2], EPSILON),
        (dy, y, x) -> LayerNormGradients.layerNormGradient(dy, x[0], x[1], EPSILON, true),
        operands);
    joint(
        cases,
        "rmsNormGradient",
        x -> Ops.rmsNorm(x[0], x[1], EPSILON),
        (dy, y, x) -> LayerNormGradients.rmsNormGradient(dy, x[0], x[1], EPSILON, true),
        Shape.of(3, 5),
        Shape.of(5));
  }

  private static void embedding(List<GradientCase> cases) {
    GradientCase.add(
        cases,
        "embeddingGradient",
        x -> withIndices(x[0], indices -> Ops.embedding(x[0], indices)),
        0,
        (dy, y, x) ->
            withIndices(
                x[0], indices -> EmbeddingGradients.embeddingGradient(dy, x[0].layout(), indices)),
        Shape.of(4, 3));
    GradientCase.add(
        cases,
        "addPositionsGradientX",
        x -> Ops.addPositions(x[0], x[1]),
        0,
        (dy, y, x) -> EmbeddingGradients.addPositionsGradientX(dy),
        Shape.of(2, 3, 2),
        Shape.of(5, 2));
    GradientCase.add(
        cases,
        "addPositionsGradientWeight",
        x -> Ops.addPositions(x[0], x[1]),
        1,
        (dy, y, x) -> EmbeddingGradients.addPositionsGradientWeight(dy, x[1].layout()),
        Shape.of(2, 3, 2),
        Shape.of(5, 2));
  }

  private static Tensor withIndices(Tensor weight, UnaryOperator<Tensor> body) {
    try (Tensor indices = Tensor.allocate(weight.device(), Shape.of(2, 3), DType.INT32)) {
      return body.apply(indices.copyFrom(new int[] {3, 0, 3, 1, 1, 3}));
    }
  }

  private static void attention(List<GradientCase> cases) {
    Shape[] operands = {Shape.of(2, 3, 4), Shape.of(2, 5, 2), Shape.of(2, 5, 2)};
    for (boolean causal : new boolean[] {false, true}) {
      joint(
          cases,
          "attentionGradient",
          x -> Ops.attention(x[0], x[1], x[2], 2, causal),
          (dy, y, x) ->
              taped(
                  tape -> Ops.attention(tape, x[0], x[1], x[2], 2, causal),
                  tape ->
                      AttentionGradients.attentionGradient(
                          tape, dy, y, x[0], x[1], x[2], 2, causal)),
          operands);
      GradientCase.add(
          cases,
          "selfAttentionGradient",
          x -> Ops.selfAttention(x[0], 2, 1, causal),
          0,
          (dy, y, x) ->
              taped(
                  tape -> Ops.selfAttention(tape, x[0], 2, 1, causal),
                  tape ->
                      AttentionGradients.selfAttentionGradient(tape, dy, y, x[0], 2, 1, causal)),
          Shape.of(2, 3, 8));
    }
    joint(
        cases,
        "attentionGradient",
        x -> withMask(x[0], mask -> Ops.attention(x[0], x[1], x[2], mask, 2)),
        (dy, y, x) ->
            withMask(
                x[0],
                mask ->
                    taped(
                        tape -> Ops.attention(tape, x[0], x[1], x[2], mask, 2),
                        tape ->
                            AttentionGradients.attentionGradient(
                                tape, dy, y, x[0], x[1], x[2], mask, 2))),
        operands);
  }

  private static <T> T withMask(Tensor q, Function<Tensor, T> body) {
    try (Tensor mask = Tensor.allocate(q.device(), Shape.of(1, 1, 1, 5), DType.FP32)) {
      mask.copyFrom(new float[] {0, -1, Float.NEGATIVE_INFINITY, 0.5f, 0});
      return body.apply(mask);
    }
  }

  /** What backward gives after a forward on the same tape. */
  private static <T> T taped(Function<Tape, Tensor> forward, Function<Tape, T> backward) {
    Tape tape = Tape.forTraining();
    forward.apply(tape).close();
    return backward.apply(tape);
  }

  /** Gradients of all operands, of which one is looked at. */
  private interface Joint {
    @Nullable Tensor[] apply(Tensor dy, Tensor y, Tensor[] operands);
  }

  private static void joint(
      List<GradientCase> cases, String method, Forward forward, Joint gradients, Shape... shapes) {
    for (int i = 0; i < shapes.length; i++) {
      int wrt = i;
      Backward backward =
          (dy, y, x) -> {
            @Nullable Tensor[] all = gradients.apply(dy, y, x);
            for (int other = 0; other < all.length; other++) {
              if (other != wrt) {
                requireNonNull(all[other]).close();
              }
            }
            return requireNonNull(all[wrt]);
          };
      GradientCase.add(cases, method, forward, wrt, backward, shapes);
    }
  }
}
