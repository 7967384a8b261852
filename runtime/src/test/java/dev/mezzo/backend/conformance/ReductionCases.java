package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.TINY;
import static dev.mezzo.backend.conformance.Formulas.U;
import static dev.mezzo.backend.conformance.KernelCase.ALL_PAIRS;
import static dev.mezzo.backend.conformance.KernelCase.AWKWARD;
import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.backend.Reduction;
import dev.mezzo.types.DType;
import java.util.Arrays;
import java.util.List;

/** Sums, the largest, the histogram of exponents, softmax. */
final class ReductionCases {

  private ReductionCases() {}

  static List<KernelCase> all() {
    return List.of(
        new KernelCase(
            "sum of all", ALL_PAIRS, AWKWARD, (b, n, t) -> sum(b, t, new Reduction(1, n, 1, 1))),
        new KernelCase(
            "mean of all",
            ALL_PAIRS,
            AWKWARD,
            (b, n, t) -> sum(b, t, new Reduction(1, n, 1, 1f / n))),
        new KernelCase(
            "sum of rows",
            ALL_PAIRS,
            AWKWARD,
            (b, n, t) -> sum(b, t, new Reduction(5, n, 1, -0.7f))),
        new KernelCase(
            "sum of columns",
            ALL_PAIRS,
            AWKWARD,
            (b, n, t) -> sum(b, t, new Reduction(1, 7, n, 1))),
        new KernelCase(
            "sum of long columns",
            ALL_PAIRS,
            AWKWARD,
            (b, n, t) -> sum(b, t, new Reduction(1, n, 19, 1))),
        new KernelCase(
            "sum of a middle axis",
            ALL_PAIRS,
            AWKWARD,
            (b, n, t) -> sum(b, t, new Reduction(3, n, 6, 1))),
        new KernelCase("sum of special values", ALL_PAIRS, AWKWARD, ReductionCases::specialSum),
        new KernelCase("argmax", same(1), AWKWARD, ReductionCases::argmax),
        new KernelCase("exponent histogram", same(1), AWKWARD, ReductionCases::histogram),
        new KernelCase("softmax", ALL_PAIRS, AWKWARD, (b, n, t) -> softmax(b, n, t, false)),
        new KernelCase("log softmax", ALL_PAIRS, AWKWARD, (b, n, t) -> softmax(b, n, t, true)),
        new KernelCase(
            "softmax of special values",
            ALL_PAIRS,
            new int[] {2, 17, 4098},
            ReductionCases::specialSoftmax),
        new KernelCase("softmax in place", same(1), AWKWARD, ReductionCases::softmaxInPlace),
        new KernelCase("softmax gradient", same(3), AWKWARD, (b, n, t) -> gradient(b, n, t, false)),
        new KernelCase(
            "log softmax gradient",
            List.of(
                List.of(DType.FP32, DType.FP32, DType.FP32),
                List.of(DType.FP32, DType.FP32, DType.FP16),
                List.of(DType.FP32, DType.FP32, DType.BF16)),
            AWKWARD,
            (b, n, t) -> gradient(b, n, t, true)),
        new KernelCase(
            "softmax gradient in place", same(1), AWKWARD, ReductionCases::gradientInPlace));
  }

  private static void sum(Bench bench, List<DType> types, Reduction reduction) {
    int size = reduction.outer() * reduction.axis() * reduction.inner();
    checkSum(bench, bench.operand(types.get(0), size), types.get(1), reduction);
  }

  private static void specialSum(Bench bench, int size, List<DType> types) {
    checkSum(bench, bench.special(types.get(0), size), types.get(1), new Reduction(1, size, 1, 1));
    // One special value each, among zeros.
    double[] values = {
      Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 65504, 0x1p-24
    };
    for (int i = 0; i < Math.min(size, values.length); i++) {
      double[] x = new double[size];
      x[size - 1 - i] = values[i];
      checkSum(bench, bench.values(types.get(0), x), types.get(1), new Reduction(1, size, 1, 1));
    }
  }

  /** Each of up to n additions and the factor rounds once: n·u·Σ|x|·|factor|, to first order. */
  private static void checkSum(Bench bench, Buffer x, DType to, Reduction reduction) {
    Buffer y = bench.result(to, reduction.outer() * reduction.inner());
    bench.backend().sum(x.operand(), y.operand(), reduction);
    double[] from = x.get();
    double[] expected = new double[y.size()];
    double[] error = new double[y.size()];
    int axis = reduction.axis();
    int inner = reduction.inner();
    for (int i = 0; i < expected.length; i++) {
      double sum = 0;
      double magnitude = 0;
      for (int j = 0; j < axis; j++) {
        double value = from[(i / inner * axis + j) * inner + i % inner];
        sum += value;
        magnitude += Math.abs(value);
      }
      expected[i] = sum * reduction.factor();
      error[i] = (axis + 2) * U * magnitude * Math.abs(reduction.factor()) + TINY;
    }
    bench.check(y, expected, error);
  }

  private static void argmax(Bench bench, int size, List<DType> types) {
    if (size == 0) {
      return; // no element, no index: the caller's check
    }
    int rows = 6;
    double[] values = bench.random().doubles((long) rows * size, -3, 3).toArray();
    Arrays.fill(values, size, 2 * size, 1.5); // all equal: the first
    values[3 * size - 1] = 100; // the last
    values[3 * size + size / 2] = Double.NaN; // counts as largest
    Arrays.fill(values, 4 * size, 5 * size, Double.NEGATIVE_INFINITY);
    values[5 * size + size / 3] = Double.POSITIVE_INFINITY;
    Buffer x = bench.values(types.get(0), values);
    Buffer y = bench.result(DType.INT32, rows);
    bench.backend().argmax(x.operand(), y.operand(), rows, size);
    double[] from = x.get();
    double[] expected = new double[rows];
    for (int row = 0; row < rows; row++) {
      int best = 0;
      for (int col = 1; col < size; col++) {
        // Double.compare puts NaN above +Inf; no zeros of two signs are among the values
        if (Double.compare(from[row * size + col], from[row * size + best]) > 0) {
          best = col;
        }
      }
      expected[row] = best;
    }
    bench.checkExact(y, expected);
  }

  private static void histogram(Bench bench, int size, List<DType> types) {
    float factor = 0x1p-16f;
    double[] values = bench.random().doubles(size, -20, 15).map(e -> Math.exp(e)).toArray();
    for (int i = 0; i + 4 < size; i += 7) {
      values[i] = 0;
      values[i + 1] = Double.NaN;
      values[i + 2] = Double.NEGATIVE_INFINITY;
      values[i + 3] = -0x1p-24;
      values[i + 4] = -0.0;
    }
    Buffer x = bench.values(types.get(0), values);
    int[] start = new int[322];
    Arrays.setAll(start, i -> i);
    Buffer counts = bench.result(DType.INT32, start.length).setInts(start);
    bench.backend().exponentHistogram(x.operand(), factor, counts.operand());
    double[] expected = Arrays.stream(start).asDoubleStream().toArray();
    for (double value : x.get()) {
      int bin =
          !Double.isFinite(value)
              ? 321
              : value == 0
                  ? 0
                  : 161
                      + (int) Math.floor(Math.log(Math.abs(value) * factor) / Math.log(2) + 1e-12);
      expected[bin]++;
    }
    bench.checkExact(counts, expected);
  }

  private static void softmax(Bench bench, int cols, List<DType> types, boolean logarithm) {
    int rows = 4;
    double[] values = bench.random().doubles((long) rows * cols, -30, 30).toArray();
    checkSoftmax(bench, bench.values(types.get(0), values), types.get(1), cols, logarithm);
  }

  /** Rows that are NaN, and rows that must not be. */
  private static void specialSoftmax(Bench bench, int cols, List<DType> types) {
    double[] values = {
      Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 65504, -65504, 0, 0x1p-24
    };
    for (boolean logarithm : new boolean[] {false, true}) {
      for (double value : values) {
        double[] row = new double[cols];
        row[cols / 2] = value;
        checkSoftmax(bench, bench.values(types.get(0), row), types.get(1), cols, logarithm);
        Arrays.fill(row, 0, cols - 1, value);
        checkSoftmax(bench, bench.values(types.get(0), row), types.get(1), cols, logarithm);
        Arrays.fill(row, value);
        checkSoftmax(bench, bench.values(types.get(0), row), types.get(1), cols, logarithm);
      }
    }
  }

  private static void checkSoftmax(Bench bench, Buffer x, DType to, int cols, boolean logarithm) {
    int rows = cols == 0 ? 4 : x.size() / cols;
    Buffer y = bench.result(to, x.size());
    bench.backend().softmax(x.operand(), y.operand(), rows, cols, logarithm);
    checkSoftmax(bench, x.get(), y, cols, logarithm);
  }

  private static void softmaxInPlace(Bench bench, int cols, List<DType> types) {
    for (boolean logarithm : new boolean[] {false, true}) {
      Buffer y =
          bench
              .result(types.get(0), 3 * cols)
              .set(bench.random().doubles(3L * cols, -5, 5).toArray());
      double[] x = y.get();
      bench.backend().softmax(y.operand(), y.operand(), 3, cols, logarithm);
      checkSoftmax(bench, x, y, cols, logarithm);
    }
  }

  private static void checkSoftmax(Bench bench, double[] x, Buffer y, int cols, boolean logarithm) {
    double[] expected = new double[x.length];
    double[] error = new double[x.length];
    for (int from = 0; from < x.length; from += cols) {
      SoftmaxRow row = SoftmaxRow.of(x, from, cols);
      for (int i = from; i < from + cols; i++) {
        expected[i] = logarithm ? row.logarithm(x[i]) : row.probability(x[i]);
        error[i] = logarithm ? row.logarithmError(x[i]) : row.probabilityError(x[i]);
      }
    }
    bench.check(y, expected, error);
  }

  private static void gradient(Bench bench, int cols, List<DType> types, boolean logarithm) {
    int rows = 3;
    Buffer dy = bench.operand(types.get(0), rows * cols);
    Buffer y = bench.values(types.get(1), results(bench, rows * cols, logarithm));
    Buffer dx = bench.result(types.get(2), rows * cols);
    bench.backend().softmaxGradient(dy.operand(), y.operand(), dx.operand(), rows, cols, logarithm);
    checkGradient(bench, dy.get(), y.get(), dx, cols, logarithm);
  }

  private static void gradientInPlace(Bench bench, int cols, List<DType> types) {
    for (boolean logarithm : new boolean[] {false, true}) {
      Buffer dx =
          bench
              .result(types.get(0), 3 * cols)
              .set(bench.random().doubles(3L * cols, -3, 3).toArray());
      double[] dy = dx.get();
      Buffer y = bench.values(types.get(0), results(bench, 3 * cols, logarithm));
      bench.backend().softmaxGradient(dx.operand(), y.operand(), dx.operand(), 3, cols, logarithm);
      checkGradient(bench, dy, y.get(), dx, cols, logarithm);
    }
  }

  private static double[] results(Bench bench, int size, boolean logarithm) {
    return logarithm
        ? bench.random().doubles(size, -12, 0).toArray()
        : bench.random().doubles(size, 0, 0.5).toArray();
  }

  /** The sum has an error of n·u·Σ|terms|; what follows, a few u of each term of the difference. */
  private static void checkGradient(
      Bench bench, double[] dy, double[] y, Buffer dx, int cols, boolean logarithm) {
    double[] expected = new double[dy.length];
    double[] error = new double[dy.length];
    for (int from = 0; from < dy.length; from += cols) {
      double sum = 0;
      double magnitude = 0;
      for (int i = from; i < from + cols; i++) {
        double term = logarithm ? dy[i] : dy[i] * y[i];
        sum += term;
        magnitude += Math.abs(term);
      }
      for (int i = from; i < from + cols; i++) {
        double factor = logarithm ? Math.exp(y[i]) : y[i];
        double sumError = (cols + 10) * U * magnitude;
        expected[i] = logarithm ? dy[i] - factor * sum : factor * (dy[i] - sum);
        error[i] =
            logarithm
                ? factor * (sumError + (8 + Math.abs(y[i])) * U * Math.abs(sum))
                    + 2 * U * Math.abs(dy[i])
                : factor * (sumError + 4 * U * (Math.abs(dy[i]) + Math.abs(sum)));
      }
    }
    bench.check(dx, expected, error);
  }
}
