package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.TINY;
import static dev.mezzo.backend.conformance.Formulas.U;

import dev.mezzo.backend.Resampling;
import dev.mezzo.backend.Resampling.Mode;
import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Images in another size: larger, smaller, by fractions, from and to one pixel. */
final class ResamplingCases {

  private static final int[][] SIZES = {
    {2, 3, 4, 5, 6, 8},
    {1, 7, 5, 17, 5, 13},
    {2, 4, 4, 1, 2, 9},
    {1, 1, 1, 3, 4, 5},
    {1, 6, 5, 2, 1, 1},
    {3, 5, 3, 33, 5, 3},
    {0, 2, 2, 4, 4, 4},
    {1, 3, 20, 16, 7, 45}
  };

  private ResamplingCases() {}

  static List<KernelCase> all() {
    int[] indices = new int[SIZES.length];
    Arrays.setAll(indices, i -> i);
    List<KernelCase> cases = new ArrayList<>();
    for (Mode mode : Mode.values()) {
      cases.add(
          new KernelCase(
              "resampling " + mode,
              KernelCase.ALL_PAIRS,
              indices,
              (b, i, t) -> forward(b, shape(i, mode), t)));
      cases.add(
          new KernelCase(
              "resampling " + mode + ", gradient",
              KernelCase.ALL_PAIRS,
              indices,
              (b, i, t) -> gradient(b, shape(i, mode), t)));
    }
    return cases;
  }

  private static Resampling shape(int index, Mode mode) {
    int[] n = SIZES[index];
    return new Resampling(n[0], n[1], n[2], n[3], n[4], n[5], mode);
  }

  private static void forward(Bench bench, Resampling r, List<DType> types) {
    Buffer x = bench.operand(types.get(0), r.batch() * r.height() * r.width() * r.channels());
    Buffer y = bench.result(types.get(1), r.batch() * r.outHeight() * r.outWidth() * r.channels());
    bench.backend().resampling().forward(r, x.operand(), y.operand());
    double[] values = x.get();
    double[] expected = new double[y.size()];
    double[] error = new double[y.size()];
    for (int i = 0; i < expected.length; i++) {
      for (int from = 0; from < values.length; from++) {
        double weight = weight(r, i, from);
        expected[i] += weight * values[from];
        error[i] += weight > 0 ? 8 * U * Math.abs(values[from]) : 0; // weights are within u of 1
      }
      error[i] += TINY;
    }
    bench.check(y, expected, error);
  }

  private static void gradient(Bench bench, Resampling r, List<DType> types) {
    Buffer dy =
        bench.operand(types.get(0), r.batch() * r.outHeight() * r.outWidth() * r.channels());
    Buffer dx = bench.result(types.get(1), r.batch() * r.height() * r.width() * r.channels());
    bench.backend().resampling().gradient(r, dy.operand(), dx.operand());
    double[] values = dy.get();
    double[] expected = new double[dx.size()];
    double[] error = new double[dx.size()];
    double terms = 8 + r.outHeight() + r.outWidth();
    for (int to = 0; to < expected.length; to++) {
      for (int i = 0; i < values.length; i++) {
        double weight = weight(r, i, to);
        expected[to] += weight * values[i];
        error[to] += weight > 0 ? terms * U * Math.abs(values[i]) : 0;
      }
      error[to] += TINY;
    }
    bench.check(dx, expected, error);
  }

  /** How much of element {@code from} of x is in element {@code i} of y. */
  private static double weight(Resampling r, int i, int from) {
    int channels = r.channels();
    boolean same =
        i % channels == from % channels
            && i / channels / r.outWidth() / r.outHeight()
                == from / channels / r.width() / r.height();
    if (!same) {
      return 0;
    }
    int row = i / channels / r.outWidth() % r.outHeight();
    int column = i / channels % r.outWidth();
    return share(r.mode(), row, from / channels / r.width() % r.height(), r.height(), r.outHeight())
        * share(r.mode(), column, from / channels % r.width(), r.width(), r.outWidth());
  }

  /** A tent around the place of pixel i; beyond the last pixel, that one. */
  private static double share(Mode mode, int i, int pixel, int n, int m) {
    double place =
        switch (mode) {
          case NEAREST -> Math.floorDiv(i * n, m);
          case BILINEAR -> ((2 * i + 1) * n - m) / (2.0 * m);
          case BILINEAR_CORNERS -> m == 1 ? 0 : i * (n - 1) / (m - 1.0);
        };
    return Math.max(0, 1 - Math.abs(Math.clamp(place, 0, n - 1) - pixel));
  }
}
