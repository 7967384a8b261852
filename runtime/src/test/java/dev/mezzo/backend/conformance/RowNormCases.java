package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.TINY;
import static dev.mezzo.backend.conformance.Formulas.U;
import static dev.mezzo.backend.conformance.KernelCase.AWKWARD;
import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.backend.RowNorm;
import dev.mezzo.backend.RowNormGradients;
import dev.mezzo.types.DType;
import java.util.Arrays;
import java.util.List;

/** Layer norm and RMS norm. */
final class RowNormCases {

  private static final float EPSILON = 1e-5f;

  private RowNormCases() {}

  static List<KernelCase> all() {
    return List.of(
        new KernelCase(
            "layerNorm, columns", same(1), AWKWARD, (b, n, t) -> forward(b, 5, n, t, true)),
        new KernelCase(
            "layerNorm, rows", same(1), AWKWARD, (b, n, t) -> forward(b, n, 12, t, true)),
        new KernelCase(
            "rmsNorm, columns", same(1), AWKWARD, (b, n, t) -> forward(b, 5, n, t, false)),
        new KernelCase(
            "layerNorm gradient, columns",
            same(1),
            AWKWARD,
            (b, n, t) -> gradient(b, 5, n, t, true)),
        new KernelCase(
            "layerNorm gradient, rows", same(1), AWKWARD, (b, n, t) -> gradient(b, n, 12, t, true)),
        new KernelCase(
            "rmsNorm gradient, columns",
            same(1),
            AWKWARD,
            (b, n, t) -> gradient(b, 5, n, t, false)),
        new KernelCase("layerNorm of NaN", same(1), new int[] {1, 17, 64}, RowNormCases::special));
  }

  private static void forward(
      Bench bench, int rows, int cols, List<DType> types, boolean centered) {
    DType dtype = types.getFirst();
    Buffer x = bench.values(dtype, bench.random().doubles((long) rows * cols, -1, 4).toArray());
    Buffer weight = bench.operand(dtype, cols);
    Buffer bias = bench.operand(dtype, cols);
    Buffer y = bench.result(dtype, rows * cols);
    bench
        .backend()
        .rowNorms()
        .forward(
            new RowNorm(rows, cols, EPSILON, centered),
            x.operand(),
            weight.operand(),
            centered ? bias.operand() : null,
            y.operand());
    double[] in = x.get();
    double[] w = weight.get();
    double[] b = centered ? bias.get() : new double[cols];
    double[] expected = new double[rows * cols];
    double[] error = new double[rows * cols];
    for (int row = 0; row < rows; row++) {
      Row r = Row.of(in, row * cols, cols, centered);
      for (int i = 0; i < cols; i++) {
        int at = row * cols + i;
        expected[at] = r.n[i] * w[i] + b[i];
        error[at] =
            Math.abs(w[i]) * r.error[i] + 2 * U * (Math.abs(r.n[i] * w[i]) + Math.abs(b[i])) + TINY;
      }
    }
    bench.check(y, expected, error);
  }

  private static void gradient(
      Bench bench, int rows, int cols, List<DType> types, boolean centered) {
    DType dtype = types.getFirst();
    Buffer x = bench.values(dtype, bench.random().doubles((long) rows * cols, -1, 4).toArray());
    Buffer dy = bench.operand(dtype, rows * cols);
    Buffer weight = bench.operand(dtype, cols);
    Buffer dx = bench.result(dtype, rows * cols);
    Buffer dWeight = bench.result(dtype, cols);
    Buffer dBias = bench.result(dtype, cols);
    bench
        .backend()
        .rowNorms()
        .gradient(
            new RowNorm(rows, cols, EPSILON, centered),
            dy.operand(),
            x.operand(),
            weight.operand(),
            new RowNormGradients(
                dx.operand(), dWeight.operand(), centered ? dBias.operand() : null));
    double[] in = x.get();
    double[] d = dy.get();
    double[] w = weight.get();
    double[] expected = new double[rows * cols];
    double[] error = new double[rows * cols];
    double[][] sums = new double[4][cols];
    for (int row = 0; row < rows; row++) {
      Row r = Row.of(in, row * cols, cols, centered);
      r.gradient(
          Arrays.copyOfRange(d, row * cols, (row + 1) * cols), w, expected, error, row * cols);
      for (int i = 0; i < cols; i++) {
        double dOut = d[row * cols + i];
        sums[0][i] += dOut * r.n[i];
        sums[1][i] += Math.abs(dOut) * (r.error[i] + (rows + 2) * U * Math.abs(r.n[i]));
        sums[2][i] += dOut;
        sums[3][i] += (rows + 2) * U * Math.abs(dOut) + TINY;
      }
    }
    bench.check(dx, expected, error);
    bench.check(dWeight, sums[0], sums[1]);
    if (centered) {
      bench.check(dBias, sums[2], sums[3]);
    }
  }

  /** A row that holds NaN or Inf is NaN; its neighbours are not. */
  private static void special(Bench bench, int cols, List<DType> types) {
    double[] values = new double[3 * cols];
    Arrays.setAll(values, i -> i % 5);
    values[cols + cols / 2] = Double.NaN;
    values[2 * cols] = Double.POSITIVE_INFINITY;
    Buffer y = bench.result(types.getFirst(), 3 * cols);
    double[] ones = new double[cols];
    Arrays.fill(ones, 1);
    bench
        .backend()
        .rowNorms()
        .forward(
            new RowNorm(3, cols, EPSILON, true),
            bench.values(types.getFirst(), values).operand(),
            bench.values(types.getFirst(), ones).operand(),
            bench.values(types.getFirst(), new double[cols]).operand(),
            y.operand());
    double[] found = y.get();
    for (int i = 0; i < found.length; i++) {
      if (Double.isNaN(found[i]) != i >= cols) {
        throw new AssertionError("element " + i + " is " + found[i]);
      }
    }
  }

  /**
   * A normalised row, and how far FP32 may be from it. The mean is off by δ = (n + 3)·u·mean|x|,
   * the same for all, which shifts the mean square by δ² alone; each difference by another u, the
   * sum of squares by n·u, and its root by half of that.
   */
  private record Row(double[] n, double[] error, double factor, double factorError) {

    static Row of(double[] x, int from, int cols, boolean centered) {
      double mean = 0;
      double magnitude = 0;
      for (int i = from; i < from + cols; i++) {
        mean += centered ? x[i] / cols : 0;
        magnitude += centered ? Math.abs(x[i]) / cols : 0;
      }
      double delta = (cols + 3) * U * magnitude;
      double square = 0;
      for (int i = from; i < from + cols; i++) {
        square += (x[i] - mean) * (x[i] - mean) / cols;
      }
      double factor = 1 / Math.sqrt(square + EPSILON);
      double factorError =
          0.5 * ((cols + 6) * U + (delta * delta + 2 * delta * U * magnitude) * factor * factor)
              + 3 * U;
      double[] n = new double[cols];
      double[] error = new double[cols];
      for (int i = 0; i < cols; i++) {
        n[i] = (x[from + i] - mean) * factor;
        error[i] = Math.abs(n[i]) * (factorError + 3 * U) + delta * factor;
      }
      return new Row(n, error, factor, factorError);
    }

    /** dx, and its error: that of both means, of n, of the factor, and of five operations. */
    void gradient(double[] dy, double[] w, double[] dx, double[] dxError, int at) {
      int cols = n.length;
      boolean centered = Math.abs(Arrays.stream(n).sum()) < 1e-6 * cols;
      double mean = 0;
      double slope = 0;
      double meanError = 0;
      double slopeError = 0;
      for (int i = 0; i < cols; i++) {
        double g = dy[i] * w[i];
        mean += centered ? g / cols : 0;
        meanError += centered ? (cols + 4) * U * Math.abs(g) / cols : 0;
        slope += g * n[i] / cols;
        slopeError += Math.abs(g) * ((cols + 4) * U * Math.abs(n[i]) + error[i]) / cols;
      }
      for (int i = 0; i < cols; i++) {
        double g = dy[i] * w[i];
        dx[at + i] = factor * (g - mean - n[i] * slope);
        double size = Math.abs(g) + Math.abs(mean) + Math.abs(n[i] * slope);
        dxError[at + i] =
            factor
                    * (meanError
                        + Math.abs(n[i]) * slopeError
                        + error[i] * Math.abs(slope)
                        + 5 * U * size)
                + Math.abs(dx[at + i]) * factorError
                + TINY;
      }
    }
  }
}
