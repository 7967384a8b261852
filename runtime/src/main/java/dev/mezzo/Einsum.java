package dev.mezzo;

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
    return contract(a, left, b, right, out, sizes);
  }

  private ShapeException mismatch(Shape left, Shape right, String rule) {
    return new ShapeException("einsum: \"%s\" of %s and %s: %s".formatted(spec, left, right, rule));
  }

  /** The gradient of the first operand; that of the second by exchanging the two. */
  Tensor gradient(Tensor dy, Tensor other, Layout operand) {
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
    int[] ones = new int[a.length()];
    for (int i = 0; i < ones.length; i++) {
      ones[i] = has(kept, a.charAt(i)) ? operand.shape().dim(i) : 1;
    }
    try (Tensor like = Elementwise.cast(dy, other.dtype());
        Tensor sums = contract(out, like, b, other, kept, sizes)) {
      return kept.equals(a)
          ? Elementwise.cast(sums, operand.dtype())
          : Reductions.spread(sums, Shape.of(ones), 1, operand);
    }
  }

  Einsum exchanged() {
    return new Einsum(spec, b, a, out);
  }

  private static Tensor contract(
      String a, Tensor left, String b, Tensor right, String out, Map<Integer, Integer> sizes) {
    String lone = where(a, label -> !has(b, label) && !has(out, label));
    if (!lone.isEmpty()) {
      try (Tensor summed = summed(a, left, lone)) {
        return contract(where(a, label -> !has(lone, label)), summed, b, right, out, sizes);
      }
    }
    String other = where(b, label -> !has(a, label) && !has(out, label));
    if (!other.isEmpty()) {
      try (Tensor summed = summed(b, right, other)) {
        return contract(a, left, where(b, label -> !has(other, label)), summed, out, sizes);
      }
    }
    String batch = where(out, label -> has(a, label) && has(b, label));
    String inner = where(a, label -> has(b, label) && !has(out, label));
    String rows = where(out, label -> !has(b, label));
    String cols = where(out, label -> !has(a, label));
    try (Tensor first = matrices(a, left, batch, rows, inner, sizes);
        Tensor second = matrices(b, right, batch, inner, cols, sizes);
        Tensor product = MatrixProducts.matmul(null, first, second);
        Tensor dims = Views.reshape(product, shape(batch + rows + cols, sizes))) {
      return ordered(batch + rows + cols, dims, out);
    }
  }

  private static Tensor summed(String labels, Tensor x, String over) {
    int[] axes = over.chars().map(labels::indexOf).toArray();
    try (Tensor sums = AxesReductions.sum("einsum", x, axes, false, 1)) {
      return Elementwise.cast(sums, x.dtype());
    }
  }

  /** x as (batch, rows, cols). */
  private static Tensor matrices(
      String labels,
      Tensor x,
      String batch,
      String rows,
      String cols,
      Map<Integer, Integer> sizes) {
    try (Tensor turned = ordered(labels, x, batch + rows + cols)) {
      return Views.reshape(
          turned, Shape.of(count(batch, sizes), count(rows, sizes), count(cols, sizes)));
    }
  }

  private static Tensor ordered(String labels, Tensor x, String order) {
    return labels.equals(order)
        ? x.retain()
        : Arrangement.permute(x, order.chars().map(labels::indexOf).toArray());
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
