package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.TINY;
import static dev.mezzo.backend.conformance.Formulas.U;
import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.backend.ClassTargets;
import dev.mezzo.backend.PairLoss;
import dev.mezzo.types.DType;
import java.util.Arrays;
import java.util.List;

/** Losses of pairs, weighted cross entropy, the cosine of rows. */
final class RowLossCases {

  private static final int[] SIZES = {0, 1, 3, 17, 31, 64, 207, 2100};
  private static final int ROWS = 5;

  private RowLossCases() {}

  static List<KernelCase> all() {
    return List.of(
        new KernelCase("pair losses", same(2), SIZES, RowLossCases::pairs),
        new KernelCase("weighted cross entropy", same(2), SIZES, RowLossCases::crossEntropy),
        new KernelCase("cosine", same(2), SIZES, RowLossCases::cosine));
  }

  private static void pairs(Bench bench, int n, List<DType> types) {
    for (PairLoss.Function function : PairLoss.Function.values()) {
      PairLoss loss = new PairLoss(function, 0.25f, 2);
      boolean probability = function == PairLoss.Function.BINARY_CROSS_ENTROPY;
      Buffer x = probability ? share(bench, types.get(0), n) : bench.operand(types.get(0), n);
      Buffer t = share(bench, types.get(1), n);
      Buffer y = bench.result(DType.FP32, 1);
      bench.backend().losses().pairs(loss, x.operand(), t.operand(), y.operand(), 0.5);
      double[] at = x.get();
      double[] target = t.get();
      double sum = 0;
      double magnitude = 0;
      for (int i = 0; i < n; i++) {
        sum += value(function, at[i], target[i]);
        magnitude += terms(function, at[i], target[i]);
      }
      bench.check(
          y,
          new double[] {0.5 * sum},
          new double[] {(Math.min(n, 128) + 32) * U * 0.5 * magnitude + TINY});
      gradient(bench, loss, x, t, false);
      if (function != PairLoss.Function.FOCAL) {
        gradient(bench, loss, x, t, true);
      }
    }
  }

  /** By central differences in FP64, good to about 1e-8. */
  private static void gradient(Bench bench, PairLoss loss, Buffer x, Buffer t, boolean byTarget) {
    Buffer dLoss = bench.values(DType.FP32, 4);
    Buffer dx = bench.result(x.dtype(), x.size());
    bench
        .backend()
        .losses()
        .pairsGradient(
            loss, dLoss.operand(), x.operand(), t.operand(), dx.operand(), 0.5, byTarget);
    double h = 0x1p-20;
    double[] at = x.get();
    double[] expected = new double[at.length];
    double[] error = new double[at.length];
    double[] target = t.get();
    for (int i = 0; i < expected.length; i++) {
      double dX = byTarget ? 0 : h;
      double dT = byTarget ? h : 0;
      double more = value(loss.function(), at[i] + dX, target[i] + dT);
      double less = value(loss.function(), at[i] - dX, target[i] - dT);
      expected[i] = 2 * (more - less) / (2 * h);
      double terms = slopeTerms(loss.function(), at[i], target[i], byTarget);
      error[i] = 16 * U * 2 * terms + 1e-8 * (1 + Math.abs(expected[i]));
    }
    bench.check(dx, expected, error);
  }

  /** The losses with a = 0.25 and b = 2, as textbooks have them. */
  private static double value(PairLoss.Function function, double x, double t) {
    double p = 1 / (1 + Math.exp(-x));
    return switch (function) {
      case LOGISTIC -> -t * Math.log(p) - (1 - t) * Math.log(1 - p);
      case BINARY_CROSS_ENTROPY -> -t * Math.log(x) - (1 - t) * Math.log(1 - x);
      case SMOOTH_L1 -> Math.abs(x - t) < 0.25 ? 2 * (x - t) * (x - t) : Math.abs(x - t) - 0.125;
      case FOCAL ->
          (0.25 * t + 0.75 * (1 - t))
              * Math.pow(1 - (t * p + (1 - t) * (1 - p)), 2)
              * (-t * Math.log(p) - (1 - t) * Math.log(1 - p));
      case KL -> t * (Math.log(t) - x);
    };
  }

  /** Σ|terms| of a loss: only Kullback and Leibler's can cancel. */
  private static double terms(PairLoss.Function function, double x, double t) {
    boolean cancels = function == PairLoss.Function.KL;
    return cancels ? t * (Math.abs(Math.log(t)) + Math.abs(x)) : value(function, x, t);
  }

  /** The same of a slope; of focal loss with the factor of the powers' error. */
  private static double slopeTerms(
      PairLoss.Function function, double x, double t, boolean byTarget) {
    double p = 1 / (1 + Math.exp(-x));
    double wrong = p * (1 - t) + (1 - p) * t;
    return switch (function) {
      case LOGISTIC -> byTarget ? Math.abs(x) : wrong;
      case BINARY_CROSS_ENTROPY ->
          byTarget
              ? Math.abs(Math.log(x)) + Math.abs(Math.log(1 - x))
              : Math.abs(x - t) / (x * (1 - x));
      case SMOOTH_L1 -> Math.min(1, 4 * Math.abs(x - t));
      case FOCAL ->
          2 * wrong * (wrong * wrong + 2 * p * (1 - p) * value(PairLoss.Function.LOGISTIC, x, t));
      case KL -> byTarget ? Math.abs(Math.log(t)) + 1 + Math.abs(x) : t;
    };
  }

  /** Numbers between 0 and 1, with neither. */
  private static Buffer share(Bench bench, DType dtype, int n) {
    return bench.values(dtype, bench.random().doubles(n, 0.1, 0.9).toArray());
  }

  private static void crossEntropy(Bench bench, int cols, List<DType> types) {
    if (cols == 0) {
      return;
    }
    for (float smoothing : new float[] {0, 0.2f}) {
      Buffer logits = bench.operand(types.get(0), ROWS * cols);
      int[] labels = bench.random().ints(ROWS, 0, cols).toArray();
      labels[2] = -7;
      Buffer classes = share(bench, types.get(1), cols);
      Buffer rows = share(bench, types.get(1), ROWS);
      crossEntropy(bench, logits, labels, classes, rows, smoothing);
      labels[4] = cols;
      crossEntropy(bench, logits, labels, classes, rows, smoothing);
    }
  }

  private static void crossEntropy(
      Bench bench, Buffer logits, int[] labels, Buffer classes, Buffer rows, float smoothing) {
    int cols = classes.size();
    ClassTargets targets =
        new ClassTargets(
            bench.ints(labels).operand(),
            classes.operand(),
            rows.operand(),
            smoothing,
            -7,
            ROWS,
            cols);
    Buffer loss = bench.result(DType.FP32, 1);
    bench.backend().losses().crossEntropy(logits.operand(), targets, loss.operand());
    Buffer dLoss = bench.values(DType.FP32, 3);
    Buffer dLogits = bench.result(logits.dtype(), ROWS * cols);
    bench
        .backend()
        .losses()
        .crossEntropyGradient(dLoss.operand(), logits.operand(), targets, dLogits.operand());

    double[] weights = classes.get();
    double[] t = rows.get();
    double all = Arrays.stream(weights).sum();
    double weight = 0;
    for (int row = 0; row < ROWS; row++) {
      weight += labels[row] >= 0 && labels[row] < cols ? t[row] * weights[labels[row]] : 0;
    }
    double sum = 0;
    double[] expected = new double[ROWS * cols];
    double[] error = new double[ROWS * cols];
    for (int row = 0; row < ROWS; row++) {
      double[] x = Arrays.copyOfRange(logits.get(), row * cols, (row + 1) * cols);
      if (labels[row] < 0) {
        continue;
      }
      if (labels[row] == cols) {
        sum = Double.NaN;
        Arrays.fill(expected, row * cols, (row + 1) * cols, Double.NaN);
        continue;
      }
      double total = Arrays.stream(x).map(Math::exp).sum();
      double own = (1 - (double) smoothing) * weights[labels[row]];
      double spread = smoothing / (double) cols;
      for (int col = 0; col < cols; col++) {
        double target = spread * weights[col] + (col == labels[row] ? own : 0);
        sum += t[row] * target * (Math.log(total) - x[col]);
        double p = Math.exp(x[col]) / total;
        double factor = 3 * t[row] / weight;
        expected[row * cols + col] = factor * ((own + spread * all) * p - target);
        error[row * cols + col] =
            factor * (cols + 24) * U * (own + spread * all) * p
                + 4 * U * Math.abs(expected[row * cols + col])
                + TINY;
      }
    }
    double logError = (cols + 24) * U * 10; // of log Σ, whose terms are within e^±3
    bench.check(loss, new double[] {sum / weight}, new double[] {logError * (1 + all)});
    bench.check(dLogits, expected, error);
  }

  private static void cosine(Bench bench, int cols, List<DType> types) {
    Buffer a = bench.operand(types.get(0), ROWS * cols);
    Buffer b = bench.operand(types.get(1), ROWS * cols);
    Buffer dy = bench.operand(DType.FP32, ROWS);
    Buffer y = bench.result(DType.FP32, ROWS);
    Buffer da = bench.result(types.get(0), ROWS * cols);
    bench.backend().losses().cosine(a.operand(), b.operand(), y.operand(), ROWS, cols, 1e-3f);
    bench
        .backend()
        .losses()
        .cosineGradient(dy.operand(), a.operand(), b.operand(), da.operand(), ROWS, cols, 1e-3f);
    double[] expected = new double[ROWS];
    double[] error = new double[ROWS];
    double[] gradient = new double[ROWS * cols];
    double[] gradientError = new double[ROWS * cols];
    for (int row = 0; row < ROWS; row++) {
      double[] u = Arrays.copyOfRange(a.get(), row * cols, (row + 1) * cols);
      double[] v = Arrays.copyOfRange(b.get(), row * cols, (row + 1) * cols);
      double lu = Math.max(Math.sqrt(dot(u, u)), 1e-3f);
      double lv = Math.max(Math.sqrt(dot(v, v)), 1e-3f);
      expected[row] = dot(u, v) / (lu * lv);
      error[row] = (cols + 8) * U; // Σ|u·v| is at most |u|·|v|
      for (int i = 0; i < cols; i++) {
        double d = dy.get()[row];
        gradient[row * cols + i] = d * (v[i] / lv - expected[row] * u[i] / lu) / lu;
        gradientError[row * cols + i] =
            Math.abs(d) * (cols + 16) * U * (Math.abs(v[i]) / lv + Math.abs(u[i]) / lu) / lu + TINY;
      }
    }
    bench.check(y, expected, error);
    bench.check(da, gradient, gradientError);
  }

  private static double dot(double[] u, double[] v) {
    double sum = 0;
    for (int i = 0; i < u.length; i++) {
      sum += u[i] * v[i];
    }
    return sum;
  }
}
