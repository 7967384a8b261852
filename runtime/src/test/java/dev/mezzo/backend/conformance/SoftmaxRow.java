package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.TINY;
import static dev.mezzo.backend.conformance.Formulas.U;

/**
 * Softmax of a row in double, and how far FP32 may be from it: x − max rounds once, so its
 * exponential is off by |x − max|·u, and by the exponential's own 8·u; the sum of n such terms by
 * n·u and by their weighted errors; logarithm and quotient by a few u.
 */
record SoftmaxRow(double maximum, double sum, double sumError) {

  static SoftmaxRow of(double[] x, int from, int cols) {
    double maximum = Double.NEGATIVE_INFINITY;
    for (int i = from; i < from + cols; i++) {
      maximum = Math.max(maximum, x[i]);
    }
    double sum = 0;
    double weighted = 0;
    for (int i = from; i < from + cols; i++) {
      double term = Math.exp(x[i] - maximum);
      sum += term;
      weighted += term == 0 ? 0 : term * Math.abs(x[i] - maximum);
    }
    return new SoftmaxRow(maximum, sum, (cols + 8 + weighted / sum) * U);
  }

  double probability(double x) {
    return Math.exp(x - maximum) / sum;
  }

  double probabilityError(double x) {
    double value = probability(x);
    return value == 0 ? TINY : value * (sumError + (12 + Math.abs(x - maximum)) * U) + 2 * TINY;
  }

  double logarithm(double x) {
    return x - maximum - Math.log(sum);
  }

  double logarithmError(double x) {
    double log = Math.abs(Math.log(sum));
    return sumError
        + 8 * U * log
        + 2 * U * Math.abs(x - maximum)
        + 2 * U * Math.abs(logarithm(x))
        + 2 * U * Math.abs(maximum);
  }
}
