package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Operand;

/** Softmax of rows, and its logarithm. */
final class Softmax {

  private Softmax() {}

  static void forward(Operand x, Operand y, int rows, int cols, boolean logarithm) {
    float[] values = Values.read(x);
    for (int row = 0; row < rows; row++) {
      int from = row * cols;
      double maximum = maximum(values, from, cols);
      double sum = sumOfExponentials(values, from, cols, maximum);
      for (int i = from; i < from + cols; i++) {
        double shifted = values[i] - maximum;
        values[i] = (float) (logarithm ? shifted - Math.log(sum) : Math.exp(shifted) / sum);
      }
    }
    Values.write(values, y);
  }

  static void gradient(Operand dy, Operand y, Operand dx, int rows, int cols, boolean logarithm) {
    float[] gradients = Values.read(dy);
    float[] results = Values.read(y);
    for (int row = 0; row < rows; row++) {
      int from = row * cols;
      double sum = 0;
      for (int i = from; i < from + cols; i++) {
        sum += logarithm ? gradients[i] : (double) gradients[i] * results[i];
      }
      for (int i = from; i < from + cols; i++) {
        gradients[i] =
            (float)
                (logarithm
                    ? gradients[i] - Math.exp(results[i]) * sum
                    : results[i] * (gradients[i] - sum));
      }
    }
    Values.write(gradients, dx);
  }

  /** The greatest of a row; NaN if one is. */
  static double maximum(float[] values, int from, int count) {
    double maximum = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      maximum = Math.max(maximum, values[i]);
    }
    return maximum;
  }

  static double sumOfExponentials(float[] values, int from, int count, double maximum) {
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      sum += Math.exp(values[i] - maximum);
    }
    return sum;
  }
}
