package dev.mezzo;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Reduction;
import dev.mezzo.backend.Rotation;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.Arrays;

/** Rows of a table by their number, and positions. */
final class Embeddings {

  private Embeddings() {}

  static Tensor gather(Tensor weight, Tensor indices) {
    Checks.isFloat("embedding", weight);
    Shape shape = shape("embedding", weight.shape(), indices);
    Tensor y = Tensor.allocate(weight.device(), shape, weight.dtype());
    try (Tensor table = weight.contiguous();
        Tensor rows = indices.contiguous()) {
      weight
          .device()
          .backend()
          .embeddings()
          .gather(table.operand(), rows.operand(), y.operand(), weight.shape().dim(1));
    }
    return y;
  }

  static Tensor gradient(GradientSum sum, Tensor dy, Layout weight, Tensor indices) {
    Checks.isFloat("embeddingGradient", dy);
    Checks.isDifferentiable("embeddingGradient", weight);
    Shape shape = shape("embeddingGradient", weight.shape(), indices);
    if (!shape.equals(dy.shape())) {
      throw new ShapeException("embeddingGradient: dy %s must be %s".formatted(dy.shape(), shape));
    }
    Layout table = new Layout(weight.shape(), weight.dtype(), false);
    if (!sum.wanted()) {
      return Tensor.allocate(dy.device(), table);
    }
    GradientSum.Target dWeight = sum.target(dy.device(), table);
    try (Tensor gradient = dy.contiguous();
        Tensor rows = indices.contiguous()) {
      dy.device()
          .backend()
          .embeddings()
          .scatter(gradient.operand(), rows.operand(), dWeight.operand(), weight.shape().dim(1));
    }
    return dWeight.sum();
  }

  static Tensor addPositions(Tensor x, Tensor weight) {
    Checks.oneFloatType("addPositions", x, weight);
    try (Tensor used = first(weight, x.shape())) {
      return Elementwise.binary("addPositions", Binary.ADD, x, used);
    }
  }

  /** dy summed over all but time, where positions were added; 0 for the others. */
  static Tensor positionsGradient(GradientSum sum, Tensor dy, Layout weight) {
    Checks.isFloat("addPositionsGradientWeight", dy);
    Checks.isDifferentiable("addPositionsGradientWeight", weight);
    Layout table = new Layout(weight.shape(), weight.dtype(), false);
    GradientSum.Target dWeight = sum.target(dy.device(), table);
    if (!dWeight.operand().adds()) {
      dWeight.memory().fill(0f);
    }
    try (Tensor used = first(dWeight.memory(), dy.shape())) {
      int rows = Math.toIntExact(dy.shape().size() / Math.max(1, used.shape().size()));
      Operand to = dWeight.operand().slice(0, used.shape().size());
      try (Tensor gradient = dy.contiguous()) {
        Reduction overSequences = new Reduction(1, rows, Math.toIntExact(used.shape().size()), 1);
        dy.device().backend().sum(gradient.operand(), to, overSequences);
      }
    }
    return dWeight.sum();
  }

  /** The rows of a table that a sequence of x's length uses. */
  private static Tensor first(Tensor weight, Shape x) {
    Shape table = weight.shape();
    boolean fits =
        table.rank() == 2
            && x.rank() >= 2
            && x.dim(-1) == table.dim(1)
            && x.dim(-2) <= table.dim(0);
    if (!fits) {
      throw new ShapeException(
          "addPositions: x %s and weight %s: the weight must be (n, features), where x is (…, time, features), with n ≥ time"
              .formatted(x, table));
    }
    try (Tensor rows = weight.contiguous()) {
      return rows.view(Shape.of(x.dim(-2), x.dim(-1)), false);
    }
  }

  /** How a rotary embedding turns. */
  record Turn(int heads, int rotated, int first, float base) {}

  static Tensor rotary(String operation, Tensor x, Turn turn, boolean back) {
    Checks.isFloat(operation, x);
    Shape shape = x.shape();
    boolean fits =
        shape.rank() == 3
            && turn.heads > 0
            && shape.dim(2) % (2 * turn.heads) == 0
            && turn.rotated >= 0
            && turn.rotated <= turn.heads;
    if (!fits) {
      throw new ShapeException(
          "%s: x %s with %d heads, of which %d turn: it must be (batch, time, heads·dim), dim even"
              .formatted(operation, shape, turn.heads, turn.rotated));
    }
    if (!(turn.base > 0) || turn.first < 0) {
      throw new IllegalArgumentException(
          "%s: the base must be positive and the first position at least 0, but are %s and %d"
              .formatted(operation, turn.base, turn.first));
    }
    Checks.count(operation, shape, 0, 2);
    Rotation rotation =
        new Rotation(
            shape.dim(0),
            shape.dim(1),
            turn.heads,
            turn.rotated,
            shape.dim(2) / turn.heads,
            turn.first,
            turn.base,
            back);
    Tensor y = Tensor.allocate(x.device(), shape, x.dtype());
    try (Tensor in = x.contiguous()) {
      x.device().backend().embeddings().rotate(rotation, in.operand(), y.operand());
    }
    return y;
  }

  private static Shape shape(String operation, Shape weight, Tensor indices) {
    if (weight.rank() != 2) {
      throw new ShapeException(
          "%s: weight %s must be (rows, features)".formatted(operation, weight));
    }
    if (indices.dtype() != DType.INT32) {
      throw new ShapeException(
          "%s: indices %s are %s, but must be INT32"
              .formatted(operation, indices.shape(), indices.dtype()));
    }
    int[] dims = Arrays.copyOf(indices.shape().dims(), indices.shape().rank() + 1);
    dims[dims.length - 1] = weight.dim(1);
    Checks.count(operation, indices.shape(), 0, indices.shape().rank());
    return Shape.of(dims);
  }
}
