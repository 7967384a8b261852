package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.TINY;
import static dev.mezzo.backend.conformance.Formulas.U;
import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.backend.PoolingShape;
import dev.mezzo.types.DType;
import dev.mezzo.types.Pooling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Poolings and their gradients: windows that leave gaps, meet, overlap and hang over the edge. */
final class PoolingCases {

  private static final PoolingShape[] SHAPES = {
    new PoolingShape(2, 6, 8, 5, Pooling.of(2)),
    new PoolingShape(1, 7, 9, 17, Pooling.of(2)),
    new PoolingShape(2, 9, 7, 3, Pooling.of(3).withStride(2).withPadding(1)),
    new PoolingShape(1, 8, 8, 32, Pooling.of(2).withStride(3)),
    new PoolingShape(1, 5, 6, 1, Pooling.of(3, 2).withStride(1)),
    new PoolingShape(3, 28, 28, 33, Pooling.of(2)),
    new PoolingShape(2, 7, 7, 20, Pooling.of(7)),
    new PoolingShape(1, 2, 2, 4, Pooling.of(3)),
    new PoolingShape(0, 4, 4, 4, Pooling.of(2)),
    new PoolingShape(1, 40, 50, 48, Pooling.of(2).withPadding(1)),
    new PoolingShape(1, 31, 60, 65, Pooling.of(3).withStride(2).withPadding(1))
  };

  private PoolingCases() {}

  static List<KernelCase> all() {
    int[] indices = new int[SHAPES.length];
    Arrays.setAll(indices, i -> i);
    List<KernelCase> cases = new ArrayList<>();
    cases.add(new KernelCase("max pool", same(2), indices, (b, i, t) -> max(b, i, t, false)));
    cases.add(
        new KernelCase(
            "max pool of special values", same(2), indices, (b, i, t) -> max(b, i, t, true)));
    cases.add(new KernelCase("max pool's gradient", same(3), indices, PoolingCases::maxGradient));
    cases.add(new KernelCase("average pool", KernelCase.ALL_PAIRS, indices, PoolingCases::average));
    cases.add(
        new KernelCase(
            "average pool's gradient",
            KernelCase.ALL_PAIRS,
            indices,
            PoolingCases::averageGradient));
    return cases;
  }

  private static int in(PoolingShape s) {
    return s.batch() * s.height() * s.width() * s.channels();
  }

  private static int out(PoolingShape s) {
    return s.batch() * s.outHeight() * s.outWidth() * s.channels();
  }

  private static void max(Bench bench, int index, List<DType> types, boolean special) {
    PoolingShape shape = SHAPES[index];
    Buffer x =
        special ? bench.special(types.get(0), in(shape)) : bench.operand(types.get(0), in(shape));
    Buffer y = bench.result(types.get(1), out(shape));
    bench.backend().poolings().max(shape, x.operand(), y.operand());
    double[] values = x.get();
    double[] expected = new double[y.size()];
    for (int i = 0; i < expected.length; i++) {
      expected[i] = Double.NEGATIVE_INFINITY;
      for (int from : window(shape, i)) {
        expected[i] = Math.max(expected[i], values[from]);
      }
    }
    bench.check(y, expected, new double[expected.length]);
  }

  private static void maxGradient(Bench bench, int index, List<DType> types) {
    PoolingShape shape = SHAPES[index];
    // Few distinct numbers: equals in most windows.
    double[] values =
        bench.random().ints(in(shape), -2, 3).mapToDouble(i -> i == 2 ? Double.NaN : i).toArray();
    Buffer x = bench.values(types.get(0), values);
    Buffer dy = bench.operand(types.get(1), out(shape));
    Buffer dx = bench.result(types.get(2), in(shape));
    bench.backend().poolings().maxGradient(shape, dy.operand(), x.operand(), dx.operand());
    double[] expected = new double[dx.size()];
    double[] error = new double[dx.size()];
    double[] gradient = dy.get();
    for (int i = 0; i < gradient.length; i++) {
      int greatest = -1;
      for (int from : window(shape, i)) {
        boolean greater =
            greatest < 0
                || (!Double.isNaN(values[greatest]) && !(values[from] <= values[greatest]));
        greatest = greater ? from : greatest;
      }
      if (greatest >= 0) {
        expected[greatest] += gradient[i];
        error[greatest] += 8 * U * Math.abs(gradient[i]) + TINY;
      }
    }
    bench.check(dx, expected, error);
  }

  private static void average(Bench bench, int index, List<DType> types) {
    PoolingShape shape = SHAPES[index];
    Buffer x = bench.operand(types.get(0), in(shape));
    Buffer y = bench.result(types.get(1), out(shape));
    bench.backend().poolings().average(shape, x.operand(), y.operand());
    double size = shape.window().height() * shape.window().width();
    double[] values = x.get();
    double[] expected = new double[y.size()];
    double[] error = new double[y.size()];
    for (int i = 0; i < expected.length; i++) {
      for (int from : window(shape, i)) {
        expected[i] += values[from] / size;
        error[i] += (size + 2) * U * Math.abs(values[from]) / size + TINY;
      }
    }
    bench.check(y, expected, error);
  }

  private static void averageGradient(Bench bench, int index, List<DType> types) {
    PoolingShape shape = SHAPES[index];
    Buffer dy = bench.operand(types.get(0), out(shape));
    Buffer dx = bench.result(types.get(1), in(shape));
    bench.backend().poolings().averageGradient(shape, dy.operand(), dx.operand());
    double size = shape.window().height() * shape.window().width();
    double[] gradient = dy.get();
    double[] expected = new double[dx.size()];
    double[] error = new double[dx.size()];
    for (int i = 0; i < gradient.length; i++) {
      for (int to : window(shape, i)) {
        expected[to] += gradient[i] / size;
        error[to] += 12 * U * Math.abs(gradient[i]) / size + TINY;
      }
    }
    bench.check(dx, expected, error);
  }

  /** The elements of x that element i of y is made of, row by row. */
  private static List<Integer> window(PoolingShape s, int i) {
    int channel = i % s.channels();
    int column = i / s.channels() % s.outWidth();
    int row = i / s.channels() / s.outWidth() % s.outHeight();
    int image = i / s.channels() / s.outWidth() / s.outHeight();
    List<Integer> elements = new ArrayList<>();
    for (int di = 0; di < s.window().height(); di++) {
      for (int dj = 0; dj < s.window().width(); dj++) {
        int r = row * s.window().strideHeight() - s.window().paddingHeight() + di;
        int c = column * s.window().strideWidth() - s.window().paddingWidth() + dj;
        if (r >= 0 && r < s.height() && c >= 0 && c < s.width()) {
          elements.add(((image * s.height() + r) * s.width() + c) * s.channels() + channel);
        }
      }
    }
    return elements;
  }
}
