package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.TINY;
import static dev.mezzo.backend.conformance.Formulas.U;

/**
 * A number in double, and how far FP32 arithmetic that makes it step by step may be from it: each
 * operation adds a rounding, and passes its operands' errors on (Higham's running error analysis).
 */
record Approximate(double value, double error) {

  static final Approximate ZERO = new Approximate(0, 0);

  static Approximate exactly(double value) {
    return new Approximate(value, 0);
  }

  Approximate plus(Approximate other) {
    double sum = value + other.value;
    return new Approximate(
        sum, error + other.error + U * (Math.abs(sum) + error + other.error) + TINY);
  }

  Approximate minus(Approximate other) {
    return plus(new Approximate(-other.value, other.error));
  }

  Approximate times(Approximate other) {
    double product = value * other.value;
    double passed =
        Math.abs(value) * other.error + Math.abs(other.value) * error + error * other.error;
    return new Approximate(product, passed + U * (Math.abs(product) + passed) + TINY);
  }

  /** 1 − this². */
  Approximate slopeOfTanh() {
    return exactly(1).minus(times(this));
  }

  /** this·(1 − this). */
  Approximate slopeOfSigmoid() {
    return times(exactly(1).minus(this));
  }

  Approximate sigmoid() {
    double s = 1 / (1 + Math.exp(-value));
    return new Approximate(s, error / 4 + 8 * U * s + TINY);
  }

  Approximate tanh() {
    double t = Math.tanh(value);
    return new Approximate(t, error + 8 * U * Math.abs(t) + TINY);
  }

  Approximate relu() {
    return new Approximate(Math.max(value, 0), error);
  }

  /** Rounded to a type with that half unit in the last place. */
  Approximate rounded(double u) {
    return new Approximate(value, error + u * (Math.abs(value) + error) + 0x1p-25);
  }

  /** A sum of products in any order. */
  static Approximate dot(Approximate[] a, Approximate[] b) {
    double sum = 0;
    double bound = 0;
    for (int i = 0; i < a.length; i++) {
      Approximate term = a[i].times(b[i]);
      sum += term.value;
      bound += term.error + (a.length + 2) * U * (Math.abs(term.value) + term.error);
    }
    return new Approximate(sum, bound);
  }
}
