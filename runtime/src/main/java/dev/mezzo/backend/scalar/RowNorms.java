package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.RowNorm;
import dev.mezzo.backend.RowNormGradients;
import dev.mezzo.backend.RowNormKernels;
import org.jspecify.annotations.Nullable;

/** Layer norm and RMS norm. */
final class RowNorms implements RowNormKernels {

  @Override
  public void forward(RowNorm norm, Operand x, Operand weight, @Nullable Operand bias, Operand y) {
    int cols = norm.cols();
    float[] values = Values.read(x);
    float[] gain = Values.read(weight);
    float[] shift = bias == null ? new float[cols] : Values.read(bias);
    for (int row = 0; row < norm.rows(); row++) {
      double[] n = Row.of(norm, values, row * cols).normalised;
      for (int i = 0; i < cols; i++) {
        values[row * cols + i] = (float) (n[i] * gain[i] + shift[i]);
      }
    }
    Values.write(values, y);
  }

  @Override
  public void gradient(
      RowNorm norm, Operand dy, Operand x, Operand weight, RowNormGradients gradients) {
    int cols = norm.cols();
    float[] dOut = Values.read(dy);
    float[] values = Values.read(x);
    float[] gain = Values.read(weight);
    double[] dGain = new double[cols];
    double[] dShift = new double[cols];
    for (int row = 0; row < norm.rows(); row++) {
      Row r = Row.of(norm, values, row * cols);
      double mean = 0;
      double slope = 0;
      for (int i = 0; i < cols; i++) {
        double d = dOut[row * cols + i];
        dGain[i] += d * r.normalised[i];
        dShift[i] += d;
        mean += d * gain[i] / cols;
        slope += d * gain[i] * r.normalised[i] / cols;
      }
      for (int i = 0; i < cols; i++) {
        double g = (double) dOut[row * cols + i] * gain[i] - (norm.centered() ? mean : 0);
        dOut[row * cols + i] = (float) (r.factor * (g - r.normalised[i] * slope));
      }
    }
    if (gradients.dx() != null) {
      Values.write(dOut, gradients.dx());
    }
    Values.write(floats(dGain), gradients.dWeight());
    if (gradients.dBias() != null) {
      Values.write(floats(dShift), gradients.dBias());
    }
  }

  private static float[] floats(double[] values) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) values[i];
    }
    return rounded;
  }

  /** A row brought to mean square 1, by {@code factor}. */
  private record Row(double[] normalised, double factor) {

    static Row of(RowNorm norm, float[] x, int from) {
      int cols = norm.cols();
      double mean = 0;
      for (int i = 0; i < cols && norm.centered(); i++) {
        mean += (double) x[from + i] / cols;
      }
      double square = 0;
      double[] normalised = new double[cols];
      for (int i = 0; i < cols; i++) {
        normalised[i] = x[from + i] - mean;
        square += normalised[i] * normalised[i] / cols;
      }
      double factor = 1 / Math.sqrt(square + norm.epsilon());
      for (int i = 0; i < cols; i++) {
        normalised[i] *= factor;
      }
      return new Row(normalised, factor);
    }
  }
}
