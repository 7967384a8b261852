package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.TINY;
import static dev.mezzo.backend.conformance.Formulas.U;
import static dev.mezzo.backend.conformance.KernelCase.ALL_PAIRS;
import static dev.mezzo.backend.conformance.KernelCase.AWKWARD;
import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.backend.Reduction;
import dev.mezzo.backend.Strided;
import dev.mezzo.types.DType;
import java.util.Arrays;
import java.util.List;

/** Movement of elements, and what works along an axis. */
final class ArrayCases {

  private static final int[] MODEST = {0, 1, 3, 17, 31, 64, 207, 600};

  private ArrayCases() {}

  static List<KernelCase> all() {
    return List.of(
        new KernelCase("strided copy", same(1), AWKWARD, ArrayCases::copies),
        new KernelCase("gather", same(1), MODEST, ArrayCases::gather),
        new KernelCase("scatter add", same(1), MODEST, ArrayCases::scatterAdd),
        new KernelCase("cumulative sum", ALL_PAIRS, MODEST, ArrayCases::cumulativeSum),
        new KernelCase("maximum of an axis", ALL_PAIRS, AWKWARD, ArrayCases::maximum),
        new KernelCase("squared deviations", ALL_PAIRS, AWKWARD, ArrayCases::squaredDeviations));
  }

  /** A part, a transposition, three dimensions turned round, and every third element. */
  private static void copies(Bench bench, int n, List<DType> types) {
    DType dtype = types.get(0);
    copy(
        bench, dtype, 7 * n, new Strided(new int[] {5, n}, n, strides(n, 1), 3, strides(n + 4, 1)));
    copy(bench, dtype, 35 * n, new Strided(new int[] {35, n}, 0, strides(n, 1), 0, strides(1, 35)));
    copy(
        bench,
        dtype,
        6 * n,
        new Strided(new int[] {2, n, 3}, 0, strides(3L * n, 3, 1), 0, strides(1, 2, 2L * n)));
    copy(
        bench, dtype, 3 * n, new Strided(new int[] {n}, n == 0 ? 0 : 2, strides(3), 0, strides(1)));
  }

  private static long[] strides(long... strides) {
    return strides;
  }

  private static void copy(Bench bench, DType dtype, int size, Strided plan) {
    Buffer x = bench.special(dtype, size);
    int last = (int) plan.to();
    for (int d = 0; d < plan.dims().length; d++) {
      last += (int) (Math.max(0, plan.dims()[d] - 1) * plan.toStrides()[d]);
    }
    double[] expected = new double[last + 2];
    Arrays.fill(expected, 42);
    Buffer y = bench.result(dtype, expected.length).set(expected);
    bench.backend().arrays().copy(x.operand(), y.operand(), plan);
    int count = 1;
    for (int dim : plan.dims()) {
      count *= dim;
    }
    double[] from = x.get();
    for (int i = 0; i < count; i++) {
      int source = (int) plan.from();
      int target = (int) plan.to();
      int rest = i;
      for (int d = plan.dims().length - 1; d >= 0; d--) {
        source += (int) (rest % plan.dims()[d] * plan.fromStrides()[d]);
        target += (int) (rest % plan.dims()[d] * plan.toStrides()[d]);
        rest /= plan.dims()[d];
      }
      expected[target] = from[source];
    }
    bench.checkExact(y, expected);
  }

  private static void gather(Bench bench, int n, List<DType> types) {
    for (int inner : new int[] {1, 5}) {
      Reduction lines = new Reduction(3, 7, inner, 1);
      Buffer x = bench.special(types.get(0), 21 * inner);
      Buffer index = bench.ints(bench.random().ints(3L * n * inner, -1, 8).toArray());
      Buffer y = bench.result(types.get(0), 3 * n * inner);
      bench.backend().arrays().gather(x.operand(), index.operand(), y.operand(), lines, n);
      double[] from = x.get();
      double[] at = index.get();
      double[] expected = new double[y.size()];
      for (int i = 0; i < expected.length; i++) {
        int j = (int) at[i];
        int outer = i / inner / n;
        expected[i] = j < 0 || j > 6 ? Double.NaN : from[(outer * 7 + j) * inner + i % inner];
      }
      bench.checkExact(y, expected);
    }
  }

  /** The line of an index out of range is NaN; u for each of up to n additions. */
  private static void scatterAdd(Bench bench, int n, List<DType> types) {
    for (int inner : new int[] {1, 5, 600}) {
      Reduction lines = new Reduction(2, 7, inner, 1);
      int[] indices = bench.random().ints(2L * n * inner, 0, 7).toArray();
      if (n == 31) {
        indices[indices.length - 1] = 7;
      }
      Buffer index = bench.ints(indices);
      Buffer source = bench.operand(types.get(0), indices.length);
      double[] old = bench.random().doubles(14L * inner, -3, 3).toArray();
      Buffer y = bench.result(DType.FP32, old.length).set(old);
      double[] expected = y.get();
      bench.backend().arrays().scatterAdd(index.operand(), source.operand(), y.operand(), lines, n);
      double[] error = new double[expected.length];
      double[] added = source.get();
      for (int i = 0; i < added.length; i++) {
        int start = i / inner / n * 7 * inner + i % inner;
        for (int j = 0; j < 7; j++) {
          if (indices[i] == j) {
            expected[start + j * inner] += added[i];
            error[start + j * inner] += (n + 1) * U * (Math.abs(added[i]) + 3);
          } else if (indices[i] == 7) {
            expected[start + j * inner] = Double.NaN;
          }
        }
      }
      bench.check(y, expected, error);
    }
  }

  private static void cumulativeSum(Bench bench, int n, List<DType> types) {
    for (Reduction lines : List.of(new Reduction(3, n, 1, 1), new Reduction(2, 9, n, 1))) {
      for (boolean reverse : new boolean[] {false, true}) {
        Buffer x = bench.operand(types.get(0), size(lines));
        Buffer y = bench.result(types.get(1), x.size());
        bench.backend().arrays().cumulativeSum(x.operand(), y.operand(), lines, reverse);
        double[] from = x.get();
        double[] expected = new double[from.length];
        double[] error = new double[from.length];
        for (int line = 0; line < lines.outer() * lines.inner(); line++) {
          double sum = 0;
          double magnitude = 0;
          for (int k = 0; k < lines.axis(); k++) {
            int at = at(line, reverse ? lines.axis() - 1 - k : k, lines);
            sum += from[at];
            magnitude += Math.abs(from[at]);
            expected[at] = sum;
            error[at] = lines.axis() * U * magnitude + TINY;
          }
        }
        bench.check(y, expected, error);
      }
    }
  }

  private static void maximum(Bench bench, int n, List<DType> types) {
    for (int factor : new int[] {1, -1}) {
      for (Reduction lines :
          List.of(new Reduction(3, Math.max(1, n), 1, factor), new Reduction(2, 5, n, factor))) {
        for (boolean special : new boolean[] {false, true}) {
          DType from = types.get(0);
          Buffer x = special ? bench.special(from, size(lines)) : bench.operand(from, size(lines));
          Buffer y = bench.result(types.get(1), lines.outer() * lines.inner());
          bench.backend().arrays().maximum(x.operand(), y.operand(), lines);
          double[] values = x.get();
          double[] expected = new double[y.size()];
          for (int line = 0; line < expected.length; line++) {
            double most = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < lines.axis(); k++) {
              most = Math.max(most, factor * values[at(line, k, lines)]);
            }
            expected[line] = factor * most;
          }
          bench.check(y, expected, new double[expected.length]);
        }
      }
    }
  }

  /** Numbers around 1000, of whose squares nothing would be left; the mean is given. */
  private static void squaredDeviations(Bench bench, int n, List<DType> types) {
    for (Reduction lines : List.of(new Reduction(3, n, 1, 0.3f), new Reduction(2, 5, n, 0.3f))) {
      double[] around =
          bench.random().doubles(size(lines), -3, 3).map(value -> value + 1000).toArray();
      Buffer x = bench.values(types.get(0), around);
      double[] near = new double[lines.outer() * lines.inner()];
      Arrays.fill(near, 1000.25);
      Buffer mean = bench.values(DType.FP32, near);
      Buffer y = bench.result(types.get(1), near.length);
      bench.backend().arrays().squaredDeviations(x.operand(), mean.operand(), y.operand(), lines);
      double[] values = x.get();
      double[] expected = new double[near.length];
      double[] error = new double[near.length];
      for (int line = 0; line < expected.length; line++) {
        double sum = 0;
        for (int k = 0; k < lines.axis(); k++) {
          sum += Math.pow(values[at(line, k, lines)] - 1000.25, 2);
        }
        expected[line] = sum * (double) 0.3f;
        error[line] = (lines.axis() + 6) * U * expected[line] + TINY;
      }
      bench.check(y, expected, error);
    }
  }

  private static int size(Reduction lines) {
    return lines.outer() * lines.axis() * lines.inner();
  }

  /** Element k of a line, lines counted as (outer, inner). */
  private static int at(int line, int k, Reduction lines) {
    int outer = line / lines.inner();
    return (outer * lines.axis() + k) * lines.inner() + line % lines.inner();
  }
}
