package dev.mezzo;

import dev.mezzo.GradientSum.Target;
import dev.mezzo.backend.RowNorm;
import dev.mezzo.backend.RowNormGradients;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.ShapeException;
import org.jspecify.annotations.Nullable;

/** Norms along the last dimension. */
final class LayerNorms {

  private LayerNorms() {}

  static Tensor forward(
      String operation, Tensor x, Tensor weight, @Nullable Tensor bias, float epsilon) {
    DType dtype =
        bias == null
            ? Checks.oneFloatType(operation, x, weight)
            : Checks.oneFloatType(operation, x, weight, bias);
    RowNorm norm = norm(operation, x, weight, bias, epsilon);
    Tensor y = Tensor.allocate(x.device(), x.shape(), dtype);
    try (Tensor rows = x.contiguous()) {
      x.device()
          .backend()
          .rowNorms()
          .forward(
              norm,
              rows.operand(),
              weight.operand(),
              bias == null ? null : bias.operand(),
              y.operand());
    }
    return y;
  }

  /** The gradients of x (null where not wanted), weight, and bias if the norm is centered. */
  static @Nullable Tensor[] gradient(
      String operation, Tensor dy, Tensor x, Tensor weight, float epsilon, Sums sums) {
    Checks.isFloat(operation, dy, x, weight);
    Checks.sameShape(operation, dy, x);
    RowNorm norm = norm(operation, x, weight, sums.bias == null ? null : weight, epsilon);
    Layout cols = new Layout(weight.shape(), weight.dtype(), false);
    Target dx = target(sums.x, x, new Layout(x.shape(), x.dtype(), false));
    Target dWeight = sums.weight.target(x.device(), cols);
    Target dBias = target(sums.bias, x, cols);
    try (Tensor rows = x.contiguous();
        Tensor gradient = dy.contiguous()) {
      x.device()
          .backend()
          .rowNorms()
          .gradient(
              norm,
              gradient.operand(),
              rows.operand(),
              weight.operand(),
              new RowNormGradients(
                  dx == null ? null : dx.operand(),
                  dWeight.operand(),
                  dBias == null ? null : dBias.operand()));
    }
    Tensor ofX = dx == null ? null : dx.sum();
    return dBias == null
        ? new @Nullable Tensor[] {ofX, dWeight.sum()}
        : new @Nullable Tensor[] {ofX, dWeight.sum(), dBias.sum()};
  }

  private static @Nullable Target target(@Nullable GradientSum sum, Tensor x, Layout layout) {
    return sum == null ? null : sum.target(x.device(), layout);
  }

  /**
   * What the gradients are added to.
   *
   * @param x null where its gradient is not wanted
   * @param bias null where the norm has none
   */
  record Sums(@Nullable GradientSum x, GradientSum weight, @Nullable GradientSum bias) {}

  private static RowNorm norm(
      String operation, Tensor x, Tensor weight, @Nullable Tensor bias, float epsilon) {
    Checks.rankAtLeast(operation, 1, x);
    int cols = x.shape().dim(-1);
    for (Tensor vector : bias == null ? new Tensor[] {weight} : new Tensor[] {weight, bias}) {
      if (vector.shape().rank() != 1 || vector.shape().dim(0) != cols) {
        throw new ShapeException(
            "%s: x %s and %s: weight and bias must be (%d), the last dimension of x"
                .formatted(operation, x.shape(), vector.shape(), cols));
      }
    }
    if (!(epsilon >= 0)) {
      throw new IllegalArgumentException(
          operation + ": epsilon is " + epsilon + ", but must be ≥ 0");
    }
    return new RowNorm(Reductions.rows(operation, x.shape()), cols, epsilon, bias != null);
  }
}
