package dev.mezzo;

import java.util.function.DoubleUnaryOperator;

/**
 * The derivative of a function at 0 by five-point central differences, and how far off it may be.
 *
 * <p>With f's values wrong by at most e, the formula (8(f(h) − f(−h)) − (f(2h) − f(−2h))) / 12h is
 * off by at most 18e/12h from rounding and by O(h⁴) from truncation, which the difference between
 * two steps bounds. The function must be smooth there: no kink of a relu within 2h.
 */
record Slope(double value, double tolerance) {
  private static final double STEP = 0x1p-5;

  /**
   * @param error bound on the error of the function's values
   */
  static Slope of(DoubleUnaryOperator function, double error) {
    double coarse = at(function, STEP);
    double fine = at(function, STEP / 2);
    double rounding = 18 * error / (12 * STEP / 2);
    return new Slope(fine, rounding + Math.abs(coarse - fine));
  }

  private static double at(DoubleUnaryOperator f, double h) {
    double near = f.applyAsDouble(h) - f.applyAsDouble(-h);
    double far = f.applyAsDouble(2 * h) - f.applyAsDouble(-2 * h);
    return (8 * near - far) / (12 * h);
  }

  boolean admits(double gradient) {
    return Math.abs(gradient - value) <= tolerance;
  }
}
