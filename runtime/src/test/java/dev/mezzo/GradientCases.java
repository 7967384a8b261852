package dev.mezzo;

import static dev.mezzo.GradientCase.any;
import static dev.mezzo.GradientCase.gradientsOf;

import dev.mezzo.GradientCase.Floats;
import dev.mezzo.GradientCase.Ints;
import dev.mezzo.GradientCase.Operand;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.Pooling;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.List;

/** Calls of every operation of {@link Ops} that has a gradient, at small shapes. */
final class GradientCases {

  private static final Operand MATRIX = any(3, 5);
  private static final Operand VECTOR = any(5);
  private static final Operand CUBE = any(2, 3, 4);
  private static final Operand POSITIVE = Operand.positive(3, 5);
  private static final Operand PROBABILITY = Operand.probability(3, 5);
  private static final Ints LABELS = new Ints(Shape.of(3), 4, 0, 2);

  /** Two columns of each of three rows, one of them twice. */
  private static final Ints PICKED = new Ints(Shape.of(3, 2), 4, 0, 2, 2, 1, 3);

  private final List<GradientCase> cases = new ArrayList<>();

  private GradientCases() {}

  static List<GradientCase> all() {
    GradientCases table = new GradientCases();
    table.matrices();
    table.convolutions();
    table.images();
    table.elementwise();
    table.functions();
    table.reductions();
    table.arrangements();
    table.losses();
    table.sequences();
    table.recurrences();
    return table.cases;
  }

  private void add(String signature, Object... given) {
    cases.addAll(gradientsOf(signature, given));
  }

  private void matrices() {
    Operand[][] products = {
      {any(3, 4), any(4, 5)},
      {any(2, 3, 4), any(2, 4, 5)},
      {any(2, 3, 4), any(4, 5)},
      {any(3, 4), any(2, 4, 5)},
      {any(2, 1, 3, 4), any(3, 4, 2)},
      {any(1, 1), any(1, 1)}
    };
    for (Operand[] product : products) {
      add("matmul(a, b)", product[0], product[1]);
    }
    for (String spec : List.of("bij,bjk->bik", "bij,bjk->ki", "bij,bjk->k")) {
      add("einsum(spec, a, b)", spec, any(2, 3, 4), any(2, 4, 5));
    }
    for (Operand x : List.of(any(3, 4), any(2, 3, 4), any(4))) {
      add("linear(x, weight, bias)", x, any(5, 4), any(5));
    }
    add("geluLinear(x, weight, bias)", any(2, 3, 4), any(5, 4), any(5));
    add("reshape(x, dims)", MATRIX, new int[] {-1, 3});
    add("transpose(x)", MATRIX);
  }

  private void convolutions() {
    Convolution plain = Convolution.of();
    convolution(any(2, 4, 3, 2), any(3, 2, 2, 2), plain);
    convolution(any(1, 5, 4, 2), any(2, 3, 1, 2), plain.withPadding(1, 0));
    convolution(any(1, 5, 6, 4), any(4, 2, 2, 2), plain.withStride(2).withGroups(2));
    convolution(any(1, 5, 5, 3), any(3, 2, 2, 1), plain.withDilation(2).withGroups(3));
    convolution(any(2, 3, 3, 4), any(5, 1, 1, 4), plain);
    for (Convolution geometry : List.of(plain, plain.withStride(2).withPadding(1))) {
      add("conv1d(x, weight, geometry)", any(2, 7, 2), any(3, 3, 2), geometry);
      add("conv1d(x, weight, bias, geometry)", any(2, 7, 2), any(3, 3, 2), any(3), geometry);
    }
    transposed(any(1, 3, 2, 2), any(2, 2, 2, 3), plain.withStride(2));
    transposed(any(2, 2, 3, 3), any(3, 3, 1, 1), plain.withPadding(1, 0));
  }

  private void convolution(Operand x, Operand weight, Convolution geometry) {
    Operand bias = any(weight.shape().dim(0));
    add("conv2d(x, weight, geometry)", x, weight, geometry);
    add("conv2d(x, weight, bias, geometry)", x, weight, bias, geometry);
  }

  private void transposed(Operand x, Operand weight, Convolution geometry) {
    Operand bias = any(weight.shape().dim(3) * geometry.groups());
    add("convTranspose2d(x, weight, geometry)", x, weight, geometry);
    add("convTranspose2d(x, weight, bias, geometry)", x, weight, bias, geometry);
  }

  private void images() {
    for (Pooling window : List.of(Pooling.of(2), Pooling.of(3).withStride(2).withPadding(1))) {
      add("maxPool2d(x, window)", Operand.apart(2, 4, 4, 2), window);
      add("averagePool2d(x, window)", any(2, 4, 4, 2), window);
    }
    add("globalAveragePool(x)", any(2, 4, 4, 2));
    for (int[] size : new int[][] {{6, 4}, {5, 3}, {2, 7}, {1, 1}}) {
      add("upsampleNearest(x, height, width)", any(2, 3, 2, 2), size[0], size[1]);
      for (boolean corners : new boolean[] {false, true}) {
        add(
            "upsampleBilinear(x, height, width, alignCorners)",
            any(2, 3, 2, 2),
            size[0],
            size[1],
            corners);
      }
    }
    Operand image = any(2, 3, 2, 4);
    Floats statistics = new Floats(Shape.of(4), 0.5f, 1f, 1.5f, 2f);
    add(
        "batchNorm(x, weight, bias, mean, variance, momentum, epsilon)",
        image,
        any(4),
        any(4),
        statistics,
        statistics,
        0.1f,
        1e-3f);
    add("groupNorm(x, weight, bias, groups, epsilon)", image, any(4), any(4), 2, 1e-3f);
  }

  private void elementwise() {
    Operand[][] broadcasts = {
      {MATRIX, MATRIX},
      {MATRIX, VECTOR},
      {VECTOR, MATRIX},
      {MATRIX, any()},
      {any(3, 1), any(1, 5)},
      {any(2, 1, 3, 1), any(4, 1, 2)},
      {any(1, 1, 5), VECTOR}
    };
    for (Operand[] pair : broadcasts) {
      for (String name : List.of("add", "subtract", "multiply")) {
        add(name + "(a, b)", pair[0], pair[1]);
      }
    }
    add("scale(x, factor)", MATRIX, -2.5f);
    add("add(x, number)", MATRIX, 0.75f);
    add("subtract(x, number)", MATRIX, 0.75f);
    add("subtract(number, x)", 0.75f, MATRIX);
    add("divide(a, b)", MATRIX, POSITIVE);
    add("divide(a, b)", VECTOR, Operand.positive(3, 1));
    for (String name : List.of("maximum", "minimum")) {
      add(name + "(a, b)", MATRIX, Operand.apart(3, 5));
      add(name + "(a, b)", any(3, 1), Operand.apart(5));
    }
    add("where(condition, a, b)", new Ints(Shape.of(5), 1, 0, 0, -1, 1), MATRIX, VECTOR);
  }

  private void functions() {
    for (String name :
        List.of(
            "relu gelu sigmoid tanh geluTanh silu softplus hardSigmoid hardSwish exp square abs negate sin cos"
                .split(" "))) {
      add(name + "(x)", MATRIX);
    }
    for (String name : List.of("log", "sqrt", "rsqrt", "reciprocal")) {
      add(name + "(x)", POSITIVE);
    }
    add("elu(x, alpha)", MATRIX, 0.7f);
    add("leakyRelu(x, slope)", MATRIX, 0.1f);
    add("hardTanh(x, least, most)", MATRIX, -5f, 5f);
    add("clamp(x, least, most)", MATRIX, -5f, 5f);
    add("pow(x, exponent)", POSITIVE, 2.5f);
    add("pow(base, exponent)", POSITIVE, VECTOR);
    add("pow(base, exponent)", Operand.positive(3, 1), MATRIX);
    add("softmax(x)", MATRIX);
    add("logSoftmax(x)", MATRIX);
  }

  private void reductions() {
    add("sum(x)", CUBE);
    add("mean(x)", CUBE);
    for (int axis : new int[] {0, 1, 2, -1}) {
      add("sum(x, axis)", CUBE, axis);
      add("mean(x, axis)", CUBE, axis);
    }
    for (int[] axes : new int[][] {{0}, {1}, {2, 0}, {0, 1, 2}, {-1, 1}}) {
      for (boolean keep : new boolean[] {false, true}) {
        add("sum(x, axes, keepDims)", CUBE, axes, keep);
        add("mean(x, axes, keepDims)", CUBE, axes, keep);
        add("max(x, axes, keepDims)", Operand.apart(2, 3, 4), axes, keep);
        add("min(x, axes, keepDims)", Operand.apart(2, 3, 4), axes, keep);
        add("variance(x, axes, correction, keepDims)", CUBE, axes, 0, keep);
      }
    }
    add("cumulativeSum(x, axis)", CUBE, 1);
  }

  private void arrangements() {
    int[] order = {1, 2, 0};
    add("permute(x, axes)", CUBE, order);
    add("slice(x, axis, from, to)", CUBE, 1, -2, 3);
    add("crop(x, from, to)", CUBE, new int[] {0, 1, -3}, new int[] {2, 3, -1});
    add("pad(x, before, after, value)", CUBE, order, order, 7f);
    add("concat(a, b, axis)", CUBE, any(2, 1, 4), 1);
    add("gather(x, index, axis)", MATRIX, PICKED, -1);
    add("scatterAdd(x, index, source, axis)", MATRIX, PICKED, any(3, 2), 1);
  }

  private void losses() {
    add("crossEntropy(logits, labels)", MATRIX, LABELS);
    add("crossEntropy(logits, labels, smoothing, ignoreIndex)", MATRIX, LABELS, 0.3f, 0);
    Floats classes = new Floats(Shape.of(5), 0.5f, 1.5f, 2.5f, 3.5f, 4.5f);
    add(
        "crossEntropyByClass(logits, labels, classWeights, smoothing, ignoreIndex)",
        MATRIX,
        LABELS,
        classes,
        0.3f,
        -1);
    Floats tokens = new Floats(Shape.of(3), 0.5f, 1.5f, 2.5f);
    add(
        "crossEntropyByToken(logits, labels, tokenWeights, smoothing, ignoreIndex)",
        MATRIX,
        LABELS,
        tokens,
        0f,
        -1);
    add("binaryCrossEntropyWithLogits(x, target)", MATRIX, MATRIX);
    add("binaryCrossEntropy(x, target)", PROBABILITY, PROBABILITY);
    add("smoothL1(x, target, beta)", MATRIX, any(3, 5), 5f);
    add("focalLoss(x, target, alpha, gamma)", MATRIX, any(3, 5), 0.25f, 2f);
    add("klDivergence(x, target)", MATRIX, POSITIVE);
    add("meanSquaredError(x, target)", MATRIX, POSITIVE);
    add("cosineSimilarity(a, b, epsilon)", MATRIX, POSITIVE, 1e-8f);
    add("ctcLoss(logits, targets)", any(5, 2, 4), new Ints(Shape.of(2, 2), 3, 3, 1, 2));
    add(
        "ctcLoss(logits, targets, times, lengths)",
        any(5, 2, 4),
        new Ints(Shape.of(2, 2), 3, 3, 1, 2),
        new Ints(Shape.of(2), 5, 3),
        new Ints(Shape.of(2), 2, 1));
  }

  private void sequences() {
    add("layerNorm(x, weight, bias, epsilon)", any(2, 3, 5), any(5), any(5), 1e-3f);
    add("rmsNorm(x, weight, epsilon)", MATRIX, any(5), 1e-3f);
    Ints rows = new Ints(Shape.of(2, 3), 3, 0, 3, 1, 1, 3);
    add("embedding(weight, indices)", any(4, 3), rows);
    add("addPositions(x, weight)", any(2, 3, 2), any(5, 2));
    add("rotary(x, heads, rotated, first, base)", any(2, 3, 12), 3, 2, 5, 100f);
    Operand keys = any(2, 5, 2);
    for (boolean causal : new boolean[] {false, true}) {
      add("attention(q, k, v, heads, causal)", any(2, 3, 4), keys, keys, 2, causal);
      add("selfAttention(qkv, heads, keyHeads, causal)", any(2, 3, 8), 2, 1, causal);
    }
    Floats mask = new Floats(Shape.of(1, 1, 1, 5), 0, -1, Float.NEGATIVE_INFINITY, 0.5f, 0);
    add("attention(q, k, v, mask, heads)", any(2, 3, 4), keys, keys, mask, 2);
  }

  private void recurrences() {
    Ints lengths = new Ints(Shape.of(2), 3, 2);
    for (int directions : new int[] {1, 2}) {
      Operand gates = any(3, 2, directions * 8);
      Operand weight = any(directions, 8, 2);
      add("lstm(gates, weight)", gates, weight);
      add("lstm(gates, weight, lengths)", gates, weight, lengths);
      add("lstmFrom(gates, weight, state)", gates, weight, any(2, 2, directions * 2));
      add(
          "lstmFrom(gates, weight, state, lengths)",
          gates,
          weight,
          any(2, 2, directions * 2),
          lengths);
      Operand state = any(1, 2, directions * 2);
      gates = any(3, 2, directions * 6);
      weight = any(directions, 6, 2);
      Operand bias = any(directions, 2);
      add("gru(gates, weight, bias)", gates, weight, bias);
      add("gru(gates, weight, bias, lengths)", gates, weight, bias, lengths);
      add("gruFrom(gates, weight, bias, state)", gates, weight, bias, state);
      add("gruFrom(gates, weight, bias, state, lengths)", gates, weight, bias, state, lengths);
      gates = any(3, 2, directions * 2);
      weight = any(directions, 2, 2);
      add("rnn(gates, weight, relu)", gates, weight, false);
      add("rnn(gates, weight, lengths, relu)", gates, weight, lengths, false);
      add("rnnFrom(gates, weight, state, relu)", gates, weight, state, false);
      add("rnnFrom(gates, weight, state, lengths, relu)", gates, weight, state, lengths, false);
    }
  }
}
