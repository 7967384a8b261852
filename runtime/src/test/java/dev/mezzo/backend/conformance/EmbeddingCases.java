package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.U;
import static dev.mezzo.backend.conformance.KernelCase.ALL_PAIRS;
import static dev.mezzo.backend.conformance.KernelCase.AWKWARD;
import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.backend.Rotation;
import dev.mezzo.types.DType;
import java.util.List;

/** Rows of a table by their number. */
final class EmbeddingCases {

  private static final int ROWS = 23;

  private EmbeddingCases() {}

  static List<KernelCase> all() {
    return List.of(
        new KernelCase("embedding, columns", same(1), AWKWARD, (b, n, t) -> gather(b, 7, n, t)),
        new KernelCase("embedding, indices", same(1), AWKWARD, (b, n, t) -> gather(b, n, 5, t)),
        new KernelCase(
            "embedding gradient, columns", same(2), AWKWARD, (b, n, t) -> scatter(b, 70, n, t)),
        new KernelCase(
            "embedding gradient, indices", ALL_PAIRS, AWKWARD, (b, n, t) -> scatter(b, n, 5, t)),
        new KernelCase("rotation, pairs", ALL_PAIRS, AWKWARD, (b, n, t) -> rotate(b, 3, n, t)),
        new KernelCase("rotation, time", same(2), AWKWARD, (b, n, t) -> rotate(b, n, 2, t)));
  }

  /** Two of three heads turn, and back. */
  private static void rotate(Bench bench, int time, int half, List<DType> types) {
    for (boolean back : new boolean[] {false, true}) {
      Rotation r = new Rotation(2, time, 3, 2, 2 * half, 7, 10_000, back);
      Buffer x = bench.operand(types.get(0), 2 * time * 3 * 2 * half);
      Buffer y = bench.result(types.get(1), x.size());
      bench.backend().embeddings().rotate(r, x.operand(), y.operand());
      double[] values = x.get();
      double[] expected = values.clone();
      double[] error = new double[values.length];
      for (int i = 0; i < values.length; i++) {
        int pair = i % (2 * half) % half;
        boolean first = i % (2 * half) < half;
        int other = first ? i + half : i - half;
        if (i / (2 * half) % 3 < 2) {
          int position = 7 + i / (6 * half) % time;
          double angle = position * Math.pow(10_000, -pair / (double) half);
          double sin = Math.sin(angle) * (first == back ? 1 : -1);
          expected[i] = values[i] * Math.cos(angle) + values[other] * sin;
          error[i] = 4 * U * (Math.abs(values[i]) + Math.abs(values[other]));
        }
      }
      bench.check(y, expected, error);
    }
  }

  /** Indices, one in ten of which is out of range. */
  private static int[] indices(Bench bench, int count) {
    int[] bad = {-1, ROWS, Integer.MIN_VALUE, Integer.MAX_VALUE};
    return bench
        .random()
        .ints(count, 0, 10 * ROWS)
        .map(i -> i % 10 == 0 ? bad[i / 10 % 4] : i / 10)
        .toArray();
  }

  private static boolean isRow(int index) {
    return index >= 0 && index < ROWS;
  }

  private static void gather(Bench bench, int count, int cols, List<DType> types) {
    Buffer weight = bench.operand(types.getFirst(), ROWS * cols);
    int[] indices = indices(bench, count);
    Buffer y = bench.result(types.getFirst(), count * cols);
    bench
        .backend()
        .embeddings()
        .gather(weight.operand(), bench.ints(indices).operand(), y.operand(), cols);
    double[] table = weight.get();
    double[] expected = new double[count * cols];
    for (int i = 0; i < expected.length; i++) {
      int row = indices[i / cols];
      expected[i] = isRow(row) ? table[row * cols + i % cols] : Double.NaN;
    }
    bench.checkExact(y, expected);
  }

  private static void scatter(Bench bench, int count, int cols, List<DType> types) {
    Buffer dy = bench.operand(types.get(0), count * cols);
    int[] indices = indices(bench, count);
    Buffer dWeight = bench.result(types.get(1), ROWS * cols);
    bench
        .backend()
        .embeddings()
        .scatter(dy.operand(), bench.ints(indices).operand(), dWeight.operand(), cols);
    double[] gradients = dy.get();
    double[] expected = new double[ROWS * cols];
    double[] error = new double[ROWS * cols];
    for (int i = 0; i < gradients.length; i++) {
      if (isRow(indices[i / cols])) {
        int at = indices[i / cols] * cols + i % cols;
        expected[at] += gradients[i];
        error[at] += count * U * Math.abs(gradients[i]);
      }
    }
    bench.check(dWeight, expected, error);
  }
}
