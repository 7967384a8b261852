package dev.mezzo;

import dev.mezzo.backend.RowNorm;
import dev.mezzo.backend.RowNormGradients;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
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
      String operation, Tensor dy, Tensor x, Tensor weight, float epsilon, Wanted wanted) {
    Checks.isFloat(operation, dy, x, weight);
    Checks.sameShape(operation, dy, x);
    RowNorm norm = norm(operation, x, weight, wanted.centered ? weight : null, epsilon);
    Shape cols = weight.shape();
    Tensor dx = wanted.dx ? Tensor.allocate(x.device(), x.shape(), x.dtype()) : null;
    Tensor dWeight = Tensor.allocate(x.device(), cols, weight.dtype());
    Tensor dBias = wanted.centered ? Tensor.allocate(x.device(), cols, weight.dtype()) : null;
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
    return dBias == null ? new Tensor[] {dx, dWeight} : new Tensor[] {dx, dWeight, dBias};
  }

  /** Which gradients, and of which norm. */
  record Wanted(boolean dx, boolean centered) {}

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
