package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.TINY;
import static dev.mezzo.backend.conformance.Formulas.U;
import static dev.mezzo.backend.conformance.KernelCase.AWKWARD;
import static dev.mezzo.backend.conformance.KernelCase.floats;
import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.types.DType;
import java.util.List;

/** Losses and their gradients. */
final class LossCases {

  private LossCases() {}

  static List<KernelCase> all() {
    return List.of(
        new KernelCase(
            "crossEntropy, columns", same(1), AWKWARD, (b, n, t) -> crossEntropy(b, 5, n, t)),
        new KernelCase(
            "crossEntropy, rows", same(1), AWKWARD, (b, n, t) -> crossEntropy(b, n, 10, t)),
        new KernelCase(
            "crossEntropy of labels out of range",
            same(1),
            new int[] {1, 10, 33},
            LossCases::badLabels),
        new KernelCase(
            "crossEntropy gradient, columns", same(2), AWKWARD, (b, n, t) -> gradient(b, 5, n, t)),
        new KernelCase(
            "crossEntropy gradient, rows", same(2), AWKWARD, (b, n, t) -> gradient(b, n, 10, t)),
        new KernelCase(
            "crossEntropy gradient in place",
            same(1),
            new int[] {1, 10, 33},
            LossCases::gradientInPlace),
        new KernelCase("meanSquaredError", KernelCase.ALL_PAIRS, AWKWARD, LossCases::squares),
        new KernelCase("meanSquaredError gradient", same(3), AWKWARD, LossCases::squaresGradient),
        new KernelCase(
            "meanSquaredError gradient, mixed",
            floats().stream().map(to -> List.of(DType.FP16, DType.FP32, to)).toList(),
            AWKWARD,
            LossCases::squaresGradient));
  }

  /** Per row the error of a logarithm of softmax; then a sum of as many terms as there are rows. */
  private static void crossEntropy(Bench bench, int rows, int cols, List<DType> types) {
    if (cols == 0) {
      return; // no class, no label
    }
    Buffer logits =
        bench.values(types.get(0), bench.random().doubles((long) rows * cols, -10, 10).toArray());
    int[] labels = bench.random().ints(rows, 0, cols).toArray();
    Buffer loss = bench.result(DType.FP32, 1);
    bench
        .backend()
        .crossEntropy(logits.operand(), bench.ints(labels).operand(), loss.operand(), rows, cols);
    double[] x = logits.get();
    double sum = 0;
    double error = 0;
    for (int row = 0; row < rows; row++) {
      SoftmaxRow softmax = SoftmaxRow.of(x, row * cols, cols);
      double at = x[row * cols + labels[row]];
      sum -= softmax.logarithm(at);
      error += softmax.logarithmError(at) + (rows + 2) * U * Math.abs(softmax.logarithm(at));
    }
    bench.check(loss, new double[] {sum / rows}, new double[] {error / rows});
  }

  private static void badLabels(Bench bench, int cols, List<DType> types) {
    for (int bad : new int[] {-1, cols, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      Buffer logits = bench.operand(types.get(0), 3 * cols);
      Buffer labels = bench.ints(0, bad, 0);
      Buffer loss = bench.result(DType.FP32, 1);
      bench.backend().crossEntropy(logits.operand(), labels.operand(), loss.operand(), 3, cols);
      bench.checkExact(loss, new double[] {Double.NaN});
      Buffer dLogits = bench.result(types.get(0), 3 * cols);
      bench
          .backend()
          .crossEntropyGradient(
              bench.values(DType.FP32, 1).operand(),
              logits.operand(),
              labels.operand(),
              dLogits.operand(),
              3,
              cols);
      double[] found = dLogits.get();
      for (int i = 0; i < found.length; i++) {
        if (Double.isNaN(found[i]) != (i / cols == 1)) {
          throw new AssertionError(
              "element " + i + " is " + found[i] + "; the row of the bad label alone must be NaN");
        }
      }
    }
  }

  private static void gradient(Bench bench, int rows, int cols, List<DType> types) {
    if (cols == 0) {
      return;
    }
    Buffer logits =
        bench.values(types.get(0), bench.random().doubles((long) rows * cols, -10, 10).toArray());
    int[] labels = bench.random().ints(rows, 0, cols).toArray();
    Buffer dLoss = bench.values(DType.FP32, 1024);
    Buffer dLogits = bench.result(types.get(1), rows * cols);
    bench
        .backend()
        .crossEntropyGradient(
            dLoss.operand(),
            logits.operand(),
            bench.ints(labels).operand(),
            dLogits.operand(),
            rows,
            cols);
    checkGradient(bench, logits.get(), labels, dLogits, rows, cols);
  }

  private static void gradientInPlace(Bench bench, int cols, List<DType> types) {
    int rows = 7;
    Buffer logits =
        bench
            .result(types.get(0), rows * cols)
            .set(bench.random().doubles((long) rows * cols, -10, 10).toArray());
    double[] x = logits.get();
    int[] labels = bench.random().ints(rows, 0, cols).toArray();
    Buffer dLoss = bench.values(DType.FP32, 1024);
    bench
        .backend()
        .crossEntropyGradient(
            dLoss.operand(),
            logits.operand(),
            bench.ints(labels).operand(),
            logits.operand(),
            rows,
            cols);
    checkGradient(bench, x, labels, logits, rows, cols);
  }

  /** The probability's error, and a few roundings of probability − 1 and of the factor. */
  private static void checkGradient(
      Bench bench, double[] x, int[] labels, Buffer dLogits, int rows, int cols) {
    double[] expected = new double[x.length];
    double[] error = new double[x.length];
    double factor = 1024.0 / rows;
    for (int row = 0; row < rows; row++) {
      SoftmaxRow softmax = SoftmaxRow.of(x, row * cols, cols);
      for (int col = 0; col < cols; col++) {
        int i = row * cols + col;
        double onehot = col == labels[row] ? 1 : 0;
        double difference = softmax.probability(x[i]) - onehot;
        expected[i] = factor * difference;
        error[i] =
            factor * (softmax.probabilityError(x[i]) + U * onehot + 4 * U * Math.abs(difference))
                + TINY;
      }
    }
    bench.check(dLogits, expected, error);
  }

  private static void squares(Bench bench, int size, List<DType> types) {
    Buffer x = bench.operand(types.get(0), size);
    Buffer target = bench.operand(types.get(1), size);
    Buffer loss = bench.result(DType.FP32, 1);
    bench.backend().meanSquaredError(x.operand(), target.operand(), loss.operand());
    double[] a = x.get();
    double[] b = target.get();
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    bench.check(loss, new double[] {sum / size}, new double[] {(size + 5) * U * sum / size});
  }

  private static void squaresGradient(Bench bench, int size, List<DType> types) {
    Buffer x = bench.operand(types.get(0), size);
    Buffer target = bench.operand(types.get(1), size);
    Buffer dLoss = bench.values(DType.FP32, 65536);
    Buffer dx = bench.result(types.get(2), size);
    bench
        .backend()
        .meanSquaredErrorGradient(dLoss.operand(), x.operand(), target.operand(), dx.operand());
    double[] a = x.get();
    double[] b = target.get();
    double[] expected = new double[size];
    double[] error = new double[size];
    for (int i = 0; i < size; i++) {
      expected[i] = 65536.0 * 2 / size * (a[i] - b[i]);
      error[i] = 5 * U * Math.abs(expected[i]) + TINY;
    }
    bench.check(dx, expected, error);
  }
}
