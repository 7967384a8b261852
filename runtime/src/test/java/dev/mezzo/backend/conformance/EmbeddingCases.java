package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.U;
import static dev.mezzo.backend.conformance.KernelCase.AWKWARD;
import static dev.mezzo.backend.conformance.KernelCase.same;

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
            "embedding gradient, indices",
            KernelCase.ALL_PAIRS,
            AWKWARD,
            (b, n, t) -> scatter(b, n, 5, t)));
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
