package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/** {@link RowLoops} of norms alone. */
final class RowNormLoops {

  private static final int LANES = Lanes.COUNT;

  private RowNormLoops() {}

  /** {@code x = (x − mean)·factor·gain + shift}. */
  static void affine(
      float[] x,
      int stride,
      int n,
      int rows,
      float[] means,
      float[] factors,
      float[] gain,
      float[] shift) {
    for (int r = 0; r < rows; r++) {
      float mean = means[r];
      float factor = factors[r];
      int at = r * stride;
      for (int i = 0; i < n; i += LANES) {
        FloatVector v = fromArray(FLOATS, x, at + i).sub(mean).mul(factor);
        v.fma(fromArray(FLOATS, gain, i), fromArray(FLOATS, shift, i)).intoArray(x, at + i);
      }
    }
  }

  /** {@code x = (x − mean)·factor}; sums of g·gain, and of its products with that. */
  static void normalise(
      float[] x,
      float[] g,
      int stride,
      int n,
      int rows,
      float[] means,
      float[] factors,
      float[] gain,
      float[] sums,
      float[] products) {
    for (int r = 0; r < rows; r++) {
      float mean = means[r];
      float factor = factors[r];
      FloatVector sum = FloatVector.zero(FLOATS);
      FloatVector product = FloatVector.zero(FLOATS);
      int at = r * stride;
      for (int i = 0; i < n; i += LANES) {
        FloatVector v = fromArray(FLOATS, x, at + i).sub(mean).mul(factor);
        FloatVector slope = fromArray(FLOATS, g, at + i).mul(fromArray(FLOATS, gain, i));
        v.intoArray(x, at + i);
        sum = sum.add(slope);
        product = slope.fma(v, product);
      }
      sum.intoArray(sums, r * LANES);
      product.intoArray(products, r * LANES);
    }
  }

  /** Adds, column by column, g·x to the gain's gradient and g to the shift's. */
  static void gather(
      float[] x, float[] g, int stride, int n, int rows, float[] dGain, float[] dShift) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector product = fromArray(FLOATS, dGain, i);
      FloatVector sum = fromArray(FLOATS, dShift, i);
      for (int r = 0, at = i; r < rows; r++, at += stride) {
        FloatVector slope = fromArray(FLOATS, g, at);
        product = slope.fma(fromArray(FLOATS, x, at), product);
        sum = sum.add(slope);
      }
      product.intoArray(dGain, i);
      sum.intoArray(dShift, i);
    }
  }

  /** {@code g = (g·gain − mean − x·slope)·factor}. */
  static void slopes(
      float[] g,
      float[] x,
      int stride,
      int n,
      int rows,
      float[] gain,
      float[] means,
      float[] slopes,
      float[] factors) {
    for (int r = 0; r < rows; r++) {
      float mean = means[r];
      float slope = slopes[r];
      float factor = factors[r];
      int at = r * stride;
      for (int i = 0; i < n; i += LANES) {
        FloatVector up = fromArray(FLOATS, g, at + i).mul(fromArray(FLOATS, gain, i)).sub(mean);
        up.sub(fromArray(FLOATS, x, at + i).mul(slope)).mul(factor).intoArray(g, at + i);
      }
    }
  }
}
