package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.KernelCase.ALL_PAIRS;
import static dev.mezzo.backend.conformance.KernelCase.AWKWARD;
import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.types.DType;
import java.util.Arrays;
import java.util.List;

/** Filling, casting, transposing: exact, or one rounding. */
final class MovementCases {

  private MovementCases() {}

  static List<KernelCase> all() {
    return List.of(
        new KernelCase("fill", same(1), AWKWARD, MovementCases::fill),
        new KernelCase(
            "fill int32", List.of(List.of(DType.INT32)), AWKWARD, MovementCases::fillInts),
        new KernelCase("cast", ALL_PAIRS, AWKWARD, MovementCases::cast),
        new KernelCase("cast of special values", ALL_PAIRS, AWKWARD, MovementCases::castSpecial),
        new KernelCase(
            "cast int32", List.of(List.of(DType.INT32)), AWKWARD, MovementCases::castInts),
        new KernelCase("transpose", same(1), AWKWARD, MovementCases::transpose),
        new KernelCase(
            "transpose of a batch",
            same(1),
            new int[] {0, 1, 7, 33},
            MovementCases::transposeBatch));
  }

  private static void fill(Bench bench, int size, List<DType> types) {
    for (double value : new double[] {0, -1.5, 65504, Double.POSITIVE_INFINITY, Double.NaN}) {
      Buffer y = bench.result(types.get(0), size);
      bench.backend().fill(y.operand(), (float) value);
      double[] expected = new double[size];
      Arrays.fill(expected, Rounding.nearest(value, types.get(0)));
      bench.checkExact(y, expected);
    }
  }

  private static void fillInts(Bench bench, int size, List<DType> types) {
    Buffer y = bench.result(DType.INT32, size);
    bench.backend().fill(y.operand(), 7f);
    double[] expected = new double[size];
    Arrays.fill(expected, 7);
    bench.checkExact(y, expected);
  }

  private static void cast(Bench bench, int size, List<DType> types) {
    checkCast(bench, bench.operand(types.get(0), size), types.get(1));
  }

  private static void castSpecial(Bench bench, int size, List<DType> types) {
    checkCast(bench, bench.special(types.get(0), size), types.get(1));
  }

  private static void checkCast(Bench bench, Buffer x, DType to) {
    Buffer y = bench.result(to, x.size());
    bench.backend().cast(x.operand(), y.operand());
    bench.checkExact(y, Arrays.stream(x.get()).map(value -> Rounding.nearest(value, to)).toArray());
  }

  private static void castInts(Bench bench, int size, List<DType> types) {
    Buffer x = bench.ints(bench.random().ints(size).toArray());
    Buffer y = bench.result(DType.INT32, size);
    bench.backend().cast(x.operand(), y.operand());
    bench.checkExact(y, x.get());
  }

  private static void transpose(Bench bench, int size, List<DType> types) {
    checkTranspose(bench, types.get(0), 1, size, 5);
    checkTranspose(bench, types.get(0), 1, 19, size);
  }

  private static void transposeBatch(Bench bench, int size, List<DType> types) {
    checkTranspose(bench, types.get(0), 3, size, 17);
    checkTranspose(bench, types.get(0), size, 9, 16);
  }

  private static void checkTranspose(Bench bench, DType dtype, int batch, int rows, int cols) {
    Buffer x = bench.operand(dtype, batch * rows * cols);
    Buffer y = bench.result(dtype, batch * rows * cols);
    bench.backend().transpose(x.operand(), y.operand(), batch, rows, cols);
    double[] from = x.get();
    double[] expected = new double[from.length];
    for (int i = 0; i < from.length; i++) {
      int matrix = i / (rows * cols);
      int row = i / cols % rows;
      int col = i % cols;
      expected[matrix * rows * cols + col * rows + row] = from[i];
    }
    bench.checkExact(y, expected);
  }
}
