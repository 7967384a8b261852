package dev.mezzo;

import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.Arrays;
import java.util.Random;

/**
 * Compares a gradient with central differences of the forward operation in FP32, summed in FP64.
 *
 * <p>The objective is L = Σ dy·y with random dy; its derivative by one element x of an operand is
 * (8(L(x+h) − L(x−h)) − (L(x+2h) − L(x−2h)))/12h up to h⁴·L⁽⁵⁾/30. With h = 2⁻⁵ that is below
 * 10⁻⁶·|L⁽⁵⁾|, and what FP32's rounding of y adds is at most 1.5·u/h·Σ|dy·y|·c, where c is the
 * number of roundings within the operation. Operands must be further than 2h from a kink.
 */
final class GradientCheck {

  /** Step of the differences; x ± h is exact for |x| &lt; 2. */
  private static final float H = 0x1p-5f;

  private static final double U = 0x1p-24;

  /** Roundings within the operations that are checked; products here are at most 8 deep. */
  private static final int ROUNDINGS = 16;

  private static final double TRUNCATION = 2e-5;

  /** The operation. */
  interface Forward {
    Tensor apply(Tensor[] operands);
  }

  /** The gradient of one operand. */
  interface Backward {
    Tensor apply(Tensor dy, Tensor y, Tensor[] operands);
  }

  private GradientCheck() {}

  /**
   * Throws AssertionError unless {@code backward} is the gradient of operand number {@code wrt}.
   */
  static void check(Forward forward, int wrt, Backward backward, Tensor... operands) {
    try (Tensor y = forward.apply(operands);
        Tensor dy = random(y.device(), y.shape());
        Tensor dx = backward.apply(dy, y, operands)) {
      Tensor x = operands[wrt];
      if (!dx.shape().equals(x.shape()) || dx.dtype() != x.dtype()) {
        throw new AssertionError(
            "the gradient is %s %s, but its operand is %s %s"
                .formatted(dx.shape(), dx.dtype(), x.shape(), x.dtype()));
      }
      float[] found = dx.toFloats();
      double[] expected = differences(forward, wrt, operands, dy.toFloats());
      double scale = magnitude(dy.toFloats(), y.toFloats());
      double slope = Arrays.stream(expected).map(Math::abs).max().orElse(0);
      double tolerance = ROUNDINGS * 1.5 * U / H * scale + TRUNCATION * (1 + slope);
      for (int i = 0; i < found.length; i++) {
        if (!(Math.abs(found[i] - expected[i]) <= tolerance)) {
          throw new AssertionError(
              "element %d of the gradient is %s, but differences give %s (within %.2g)"
                  .formatted(i, found[i], expected[i], tolerance));
        }
      }
    }
  }

  /** FP32 numbers in [−1.5, 1.5), multiples of 2⁻¹⁶, none nearer to 0 than 0.1. */
  static Tensor random(Device device, Shape shape) {
    Random random = new Random(shape.hashCode());
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      float magnitude = 0.1f + Math.round(random.nextFloat() * 1.4f * 65536) / 65536f;
      values[i] = random.nextBoolean() ? magnitude : -magnitude;
    }
    return Tensor.allocate(device, shape, DType.FP32).copyFrom(values);
  }

  private static double[] differences(Forward forward, int wrt, Tensor[] operands, float[] dy) {
    float[] values = operands[wrt].toFloats();
    double[] derivatives = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      double near =
          objective(forward, wrt, operands, dy, i, H)
              - objective(forward, wrt, operands, dy, i, -H);
      double far =
          objective(forward, wrt, operands, dy, i, 2 * H)
              - objective(forward, wrt, operands, dy, i, -2 * H);
      derivatives[i] = (8 * near - far) / (12 * H);
    }
    return derivatives;
  }

  private static double objective(
      Forward forward, int wrt, Tensor[] operands, float[] dy, int element, float step) {
    float[] moved = operands[wrt].toFloats();
    moved[element] += step;
    Tensor[] others = operands.clone();
    try (Tensor x = like(operands[wrt], moved)) {
      others[wrt] = x;
      try (Tensor y = forward.apply(others)) {
        float[] values = y.toFloats();
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
          sum += (double) dy[i] * values[i];
        }
        return sum;
      }
    }
  }

  /** Values in the shape of x, and stored transposed if x is. */
  private static Tensor like(Tensor x, float[] values) {
    try (Tensor rowMajor = Tensor.allocate(x.device(), x.shape(), x.dtype()).copyFrom(values)) {
      if (!x.layout().transposed()) {
        return rowMajor.retain();
      }
      try (Tensor turned = Ops.transpose(rowMajor);
          Tensor stored = turned.contiguous()) {
        return Ops.transpose(stored);
      }
    }
  }

  private static double magnitude(float[] dy, float[] y) {
    double sum = 0;
    for (int i = 0; i < y.length; i++) {
      sum += Math.abs((double) dy[i] * y[i]);
    }
    return sum;
  }
}
