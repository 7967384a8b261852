package dev.mezzo;

import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Sums of products by names of dimensions, as one batched matrix product between permutations.
 *
 * @param a names of a's dimensions, a letter each
 * @param b of b's
 * @param out of the result's
 */
record Einsum(String spec, String a, String b, String out) {

  static Einsum parse(String spec) {
    String text = spec.replace(" ", "");
    String[] sides = text.split("->", -1);
    String[] operands = sides[0].split(",", -1);
    if (sides.length != 2 || operands.length != 2) {
      throw wrong(spec, "it must read as in ij,jk->ik: two operands and the result");
    }
    Einsum einsum = new Einsum(spec, operands[0], operands[1], sides[1]);
    einsum.check(einsum.a);
    einsum.check(einsum.b);
    einsum.check(einsum.out);
    if (einsum.out.chars().anyMatch(label -> !has(einsum.a, label) && !has(einsum.b, label))) {
      throw wrong(spec, "the result has a dimension that no operand has");
    }
    return einsum;
  }

  private void check(String labels) {
    if (labels.chars().anyMatch(label -> !Character.isLetter(label))) {
      throw wrong(spec, "dimensions are named by letters; for others write reshape first");
    }
    if (labels.chars().distinct().count() != labels.length()) {
      throw wrong(
          spec, "a name occurs twice in " + labels + ", a diagonal, which it does not take");
    }
  }

  private static ShapeException wrong(String spec, String rule) {
    return new ShapeException("einsum: \"" + spec + "\": " + rule);
  }

  Tensor apply(Tensor left, Tensor right) {
    Checks.oneFloatType("einsum", left, right);
    if (left.shape().rank() != a.length() || right.shape().rank() != b.length()) {
      throw mismatch(left.shape(), right.shape(), "each dimension needs one name");
    }
    Map<Integer, Integer> sizes = new HashMap<>();
    for (int i = 0; i < a.length(); i++) {
      sizes.put((int) a.charAt(i), left.shape().dim(i));
    }
    for (int i = 0; i < b.length(); i++) {
      Integer known = sizes.putIfAbsent((int) b.charAt(i), right.shape().dim(i));
      if (known != null && known != right.shape().dim(i)) {
        throw mismatch(
            left.shape(),
            right.shape(),
            "dimension " + b.charAt(i) + " is " + known + " and " + right.shape().dim(i));
      }
    }
    return contract(
        GradientSum.none(), left.dtype(), new Factor(a, left), new Factor(b, right), out, sizes);
  }

  private ShapeException mismatch(Shape left, Shape right, String rule) {
    return new ShapeException("einsum: \"%s\" of %s and %s: %s".formatted(spec, left, right, rule));
  }

  /**
   * The gradient of the first operand, added to the sum; that of the second by exchanging the two.
   */
  Tensor gradient(GradientSum sum, Tensor dy, Tensor other, Layout operand) {
    Checks.isDifferentiable("einsumGradient", operand);
    Map<Integer, Integer> sizes = new HashMap<>();
    for (int i = 0; i < a.length(); i++) {
      sizes.put((int) a.charAt(i), operand.shape().dim(i));
    }
    for (int i = 0; i < b.length(); i++) {
      sizes.putIfAbsent((int) b.charAt(i), other.shape().dim(i));
    }
    if (!dy.shape().equals(shape(out, sizes))) {
      throw new ShapeException(
          "einsum: \"%s\": dy is %s, but must be %s"
              .formatted(spec, dy.shape(), shape(out, sizes)));
    }
    String kept = where(a, label -> has(b, label) || has(out, label));
    Factor gradient = new Factor(out, dy);
    Factor factor = new Factor(b, other);
    if (kept.equals(a)) {
      return contract(sum, operand.dtype(), gradient, factor, a, sizes);
    }
    int[] ones = new int[a.length()];
    for (int i = 0; i < ones.length; i++) {
      ones[i] = has(kept, a.charAt(i)) ? operand.shape().dim(i) : 1;
    }
    try (Tensor sums =
        contract(GradientSum.none(), operand.dtype(), gradient, factor, kept, sizes)) {
      return sum.add(Reductions.spread(sums, Shape.of(ones), 1, operand));
    }
  }

  Einsum exchanged() {
    return new Einsum(spec, b, a, out);
  }

  /**
   * An operand of a product.
   *
   * @param labels names of its dimensions
   */
  private record Factor(String labels, Tensor tensor) {
    boolean has(int label) {
      return Einsum.has(labels, label);
    }
  }

  /** The sum with the product of both, in that type. */
  private static Tensor contract(
      GradientSum sum, DType dtype, Factor a, Factor b, String out, Map<Integer, Integer> sizes) {
    String lone = where(a.labels, label -> !b.has(label) && !has(out, label));
    if (!lone.isEmpty()) {
      try (Tensor summed = summed(a.labels, a.tensor, lone)) {
        Factor rest = new Factor(where(a.labels, label -> !has(lone, label)), summed);
        return contract(sum, dtype, rest, b, out, sizes);
      }
    }
    if (b.labels.chars().anyMatch(label -> !a.has(label) && !has(out, label))) {
      return contract(sum, dtype, b, a, out, sizes);
    }
    String batch = where(out, label -> a.has(label) && b.has(label));
    String rows = where(out, label -> !b.has(label));
    String cols = where(out, label -> !a.has(label));
    if (!rows.isEmpty() && !cols.isEmpty() && out.equals(batch + cols + rows)) {
      return contract(sum, dtype, b, a, out, sizes); // which needs no permutation
    }
    Labels order = new Labels(batch, rows, cols);
    return out.equals(order.all())
        ? product(sum, dtype, a, b, order, sizes)
        : sum.add(
            permuted(order.all(), product(GradientSum.none(), dtype, a, b, order, sizes), out));
  }

  /** The dimensions of a product of matrices. */
  private record Labels(String batch, String rows, String cols) {
    String all() {
      return batch + rows + cols;
    }
  }

  /**
   * The sum with the product of both, in that order; operands are read turned where they lie so.
   */
  private static Tensor product(
      GradientSum sum, DType dtype, Factor a, Factor b, Labels out, Map<Integer, Integer> sizes) {
    String batch = out.batch;
    String inner = where(a.labels, label -> b.has(label) && !has(out.all(), label));
    boolean aTurned = a.labels.equals(batch + inner + out.rows);
    boolean bTurned = b.labels.equals(batch + out.cols + inner);
    Labels left = new Labels(batch, aTurned ? inner : out.rows, aTurned ? out.rows : inner);
    Labels right = new Labels(batch, bTurned ? out.cols : inner, bTurned ? inner : out.cols);
    try (Tensor first = matrices(a, left, sizes);
        Tensor second = matrices(b, right, sizes)) {
      BatchedProduct product = BatchedProduct.of(first, aTurned, second, bTurned);
      return sum.add(
          first.device(),
          new Layout(shape(out.all(), sizes), dtype, false),
          (memory, accumulate) -> {
            try (Tensor result = matrices(new Factor(out.all(), memory), out, sizes)) {
              product.into(result, accumulate);
            }
          });
    }
  }

  private static Tensor summed(String labels, Tensor x, String over) {
    int[] axes = over.chars().map(labels::indexOf).toArray();
    try (Tensor sums = AxesReductions.sum("einsum", x, axes, false, 1)) {
      return Elementwise.cast(sums, x.dtype());
    }
  }

  /** x as (batch, rows, cols). */
  private static Tensor matrices(Factor x, Labels order, Map<Integer, Integer> sizes) {
    try (Tensor turned = permuted(x.labels, x.tensor.retain(), order.all())) {
      return Views.reshape(
          turned,
          Shape.of(count(order.batch, sizes), count(order.rows, sizes), count(order.cols, sizes)));
    }
  }

  /** x, given up, with its dimensions in that order. */
  private static Tensor permuted(String labels, Tensor x, String order) {
    if (labels.equals(order)) {
      return x;
    }
    try (x) {
      return Arrangement.permute(x, order.chars().map(labels::indexOf).toArray());
    }
  }

  private static Shape shape(String labels, Map<Integer, Integer> sizes) {
    return Shape.of(labels.chars().map(sizes::get).toArray());
  }

  private static int count(String labels, Map<Integer, Integer> sizes) {
    return Checks.count("einsum", shape(labels, sizes), 0, labels.length());
  }

  private static String where(String labels, IntPredicate condition) {
    StringBuilder found = new StringBuilder();
    labels.chars().filter(condition).forEach(label -> found.append((char) label));
    return found.toString();
  }

  private static boolean has(String labels, int label) {
    return labels.indexOf(label) >= 0;
  }
}
