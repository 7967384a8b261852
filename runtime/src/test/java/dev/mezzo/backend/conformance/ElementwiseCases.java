package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.TINY;
import static dev.mezzo.backend.conformance.KernelCase.ALL_PAIRS;
import static dev.mezzo.backend.conformance.KernelCase.AWKWARD;
import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.Comparison;
import dev.mezzo.backend.DropoutMask;
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** One result for each element. */
final class ElementwiseCases {

  /** Half of FP32's unit in the last place, relative. */
  private static final double U = 0x1p-24;

  private static final List<List<DType>> BINARY_TYPES =
      List.of(
          Collections.nCopies(3, DType.FP32),
          Collections.nCopies(3, DType.FP16),
          Collections.nCopies(3, DType.BF16),
          List.of(DType.FP16, DType.FP32, DType.FP16),
          List.of(DType.BF16, DType.FP16, DType.FP32));

  private ElementwiseCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Unary f : Formulas.UNARIES) {
      cases.add(new KernelCase(f + "", ALL_PAIRS, AWKWARD, (b, n, t) -> unary(b, n, t, f, false)));
      cases.add(
          new KernelCase(
              f + " of special values", ALL_PAIRS, AWKWARD, (b, n, t) -> unary(b, n, t, f, true)));
      cases.add(
          new KernelCase(f + " in place", same(1), AWKWARD, (b, n, t) -> unaryInPlace(b, n, t, f)));
      cases.add(
          new KernelCase(
              f + " gradient", BINARY_TYPES, AWKWARD, (b, n, t) -> gradient(b, n, t, f, false)));
      cases.add(
          new KernelCase(
              f + " gradient of special values",
              BINARY_TYPES,
              AWKWARD,
              (b, n, t) -> gradient(b, n, t, f, true)));
      cases.add(
          new KernelCase(
              f + " gradient in place",
              same(1),
              AWKWARD,
              (b, n, t) -> gradientInPlace(b, n, t, f)));
    }
    for (Binary f : Binary.values()) {
      cases.add(
          new KernelCase(
              f + "", BINARY_TYPES, AWKWARD, (b, n, t) -> equalShapes(b, n, t, f, false)));
      cases.add(
          new KernelCase(
              f + " of special values",
              BINARY_TYPES,
              AWKWARD,
              (b, n, t) -> equalShapes(b, n, t, f, true)));
      cases.add(
          new KernelCase(
              f + " in place", same(1), AWKWARD, (b, n, t) -> binaryInPlace(b, n, t, f)));
      cases.add(
          new KernelCase(
              f + " broadcast", BINARY_TYPES, AWKWARD, (b, n, t) -> broadcast(b, n, t, f)));
    }
    for (Ternary f : Ternary.values()) {
      cases.add(
          new KernelCase(f + "", BINARY_TYPES, AWKWARD, (b, n, t) -> ternary(b, n, t, f, false)));
      cases.add(
          new KernelCase(
              f + " of special values",
              BINARY_TYPES,
              AWKWARD,
              (b, n, t) -> ternary(b, n, t, f, true)));
    }
    for (Comparison f : Comparison.values()) {
      cases.add(new KernelCase(f + "", BINARY_TYPES, AWKWARD, (b, n, t) -> compare(b, n, t, f)));
      cases.add(
          new KernelCase(f + " of INT32", same(1), AWKWARD, (b, n, t) -> compareInts(b, n, f)));
    }
    cases.add(
        new KernelCase(
            "scale", ALL_PAIRS, AWKWARD, (b, n, t) -> scale(b, b.operand(t.get(0), n), t.get(1))));
    cases.add(
        new KernelCase(
            "scale of special values",
            ALL_PAIRS,
            AWKWARD,
            (b, n, t) -> scale(b, b.special(t.get(0), n), t.get(1))));
    cases.add(new KernelCase("dropout", ALL_PAIRS, AWKWARD, ElementwiseCases::dropout));
    return cases;
  }

  private static void unary(Bench bench, int size, List<DType> types, Unary f, boolean special) {
    Buffer x = special ? bench.special(types.get(0), size) : bench.operand(types.get(0), size);
    Buffer y = bench.result(types.get(1), size);
    bench.backend().unary(f, x.operand(), y.operand());
    checkUnary(bench, f, x.get(), y);
  }

  private static void unaryInPlace(Bench bench, int size, List<DType> types, Unary f) {
    Buffer y = bench.result(types.get(0), size).set(bench.random().doubles(size, -3, 3).toArray());
    double[] x = y.get();
    bench.backend().unary(f, y.operand(), y.operand());
    checkUnary(bench, f, x, y);
  }

  private static void checkUnary(Bench bench, Unary f, double[] x, Buffer y) {
    double[] expected = new double[x.length];
    double[] error = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      expected[i] = Formulas.value(f, x[i]);
      error[i] = Formulas.error(f, x[i]);
    }
    bench.check(y, expected, error);
  }

  private static void gradient(Bench bench, int size, List<DType> types, Unary f, boolean special) {
    Buffer dy = special ? bench.special(types.get(0), size) : bench.operand(types.get(0), size);
    Buffer saved = special ? bench.special(types.get(1), size) : bench.operand(types.get(1), size);
    Buffer dx = bench.result(types.get(2), size);
    bench.backend().unaryGradient(f, dy.operand(), saved.operand(), dx.operand());
    checkGradient(bench, f, dy.get(), saved.get(), dx);
  }

  private static void gradientInPlace(Bench bench, int size, List<DType> types, Unary f) {
    Buffer dx = bench.result(types.get(0), size).set(bench.random().doubles(size, -3, 3).toArray());
    double[] dy = dx.get();
    Buffer saved = bench.operand(types.get(0), size);
    bench.backend().unaryGradient(f, dx.operand(), saved.operand(), dx.operand());
    checkGradient(bench, f, dy, saved.get(), dx);
  }

  private static void checkGradient(Bench bench, Unary f, double[] dy, double[] saved, Buffer dx) {
    double[] expected = new double[dy.length];
    double[] error = new double[dy.length];
    for (int i = 0; i < dy.length; i++) {
      expected[i] = Formulas.gradient(f, dy[i], saved[i]);
      error[i] = Formulas.gradientError(f, dy[i], saved[i]);
    }
    bench.check(dx, expected, error);
  }

  private static void equalShapes(
      Bench bench, int size, List<DType> types, Binary f, boolean special) {
    Buffer a = special ? bench.special(types.get(0), size) : bench.operand(types.get(0), size);
    Buffer b = special ? bench.special(types.get(1), size) : bench.operand(types.get(1), size);
    Buffer c = bench.result(types.get(2), size);
    Broadcast plan = new Broadcast(new int[] {size}, new long[] {1}, new long[] {1});
    bench.backend().binary(f, a.operand(), b.operand(), c.operand(), plan);
    checkBinary(bench, f, a.get(), b.get(), c, plan);
  }

  private static void binaryInPlace(Bench bench, int size, List<DType> types, Binary f) {
    for (boolean first : new boolean[] {true, false}) {
      Buffer c =
          bench.result(types.get(0), size).set(bench.random().doubles(size, -3, 3).toArray());
      Buffer other = bench.operand(types.get(0), size);
      double[] old = c.get();
      Broadcast plan = new Broadcast(new int[] {size}, new long[] {1}, new long[] {1});
      Buffer a = first ? c : other;
      Buffer b = first ? other : c;
      bench.backend().binary(f, a.operand(), b.operand(), c.operand(), plan);
      checkBinary(bench, f, first ? old : other.get(), first ? other.get() : old, c, plan);
    }
  }

  /** A row to each row, a column to each column, scalars, and strides of three dimensions. */
  private static void broadcast(Bench bench, int size, List<DType> types, Binary f) {
    broadcast(
        bench,
        types,
        f,
        new Broadcast(new int[] {5, size}, new long[] {size, 1}, new long[] {0, 1}));
    broadcast(
        bench,
        types,
        f,
        new Broadcast(new int[] {5, size}, new long[] {0, 1}, new long[] {size, 1}));
    broadcast(
        bench, types, f, new Broadcast(new int[] {size, 3}, new long[] {3, 1}, new long[] {1, 0}));
    broadcast(bench, types, f, new Broadcast(new int[] {size}, new long[] {1}, new long[] {0}));
    broadcast(bench, types, f, new Broadcast(new int[] {size}, new long[] {0}, new long[] {1}));
    broadcast(
        bench, types, f, new Broadcast(new int[] {size, 3}, new long[] {1, 0}, new long[] {0, 1}));
    broadcast(
        bench,
        types,
        f,
        new Broadcast(new int[] {2, size, 3}, new long[] {3, 0, 1}, new long[] {size, 1, 0}));
  }

  private static void broadcast(Bench bench, List<DType> types, Binary f, Broadcast plan) {
    int size = 1;
    for (int dim : plan.dims()) {
      size *= dim;
    }
    Buffer a = bench.operand(types.get(0), elements(plan.dims(), plan.aStrides()));
    Buffer b = bench.operand(types.get(1), elements(plan.dims(), plan.bStrides()));
    Buffer c = bench.result(types.get(2), size);
    bench.backend().binary(f, a.operand(), b.operand(), c.operand(), plan);
    checkBinary(bench, f, a.get(), b.get(), c, plan);
  }

  private static int elements(int[] dims, long[] strides) {
    int count = 1;
    for (int axis = 0; axis < dims.length; axis++) {
      count *= strides[axis] == 0 ? 1 : dims[axis];
    }
    return count;
  }

  private static void checkBinary(
      Bench bench, Binary f, double[] a, double[] b, Buffer c, Broadcast plan) {
    double[] expected = new double[c.size()];
    double[] error = new double[c.size()];
    for (int i = 0; i < expected.length; i++) {
      int left = (int) offset(i, plan.dims(), plan.aStrides());
      int right = (int) offset(i, plan.dims(), plan.bStrides());
      expected[i] =
          switch (f) {
            case ADD -> a[left] + b[right];
            case SUBTRACT -> a[left] - b[right];
            case MULTIPLY -> a[left] * b[right];
            case DIVIDE -> a[left] / b[right];
            case MAXIMUM -> Math.max(a[left], b[right]);
            case MINIMUM -> Math.min(a[left], b[right]);
            case EQUAL -> a[left] == b[right] ? 1 : 0;
            case POWER -> Math.pow(a[left], b[right]);
          };
      error[i] = Formulas.rounded(expected[i]);
    }
    bench.check(c, expected, error);
  }

  /** Special values, many of them equal; then a column with each row. */
  private static void compare(Bench bench, int size, List<DType> types, Comparison f) {
    Buffer a = bench.special(types.get(0), size);
    compare(bench, f, a, bench.special(types.get(1), size), plain(size));
    compare(bench, f, a, bench.special(types.get(1), 3), crossed(size));
  }

  /** Numbers that are not all exact in FP32. */
  private static void compareInts(Bench bench, int size, Comparison f) {
    Buffer a = bench.ints(near(bench, size));
    compare(bench, f, a, bench.ints(near(bench, size)), plain(size));
    compare(bench, f, a, bench.ints(near(bench, 3)), crossed(size));
  }

  private static int[] near(Bench bench, int size) {
    return bench.random().ints(size, Integer.MAX_VALUE - 3, Integer.MAX_VALUE).toArray();
  }

  private static Broadcast plain(int size) {
    return new Broadcast(new int[] {size}, new long[] {1}, new long[] {1});
  }

  private static Broadcast crossed(int size) {
    return new Broadcast(new int[] {3, size}, new long[] {0, 1}, new long[] {1, 0});
  }

  private static void compare(Bench bench, Comparison f, Buffer a, Buffer b, Broadcast plan) {
    int size = 1;
    for (int dim : plan.dims()) {
      size *= dim;
    }
    Buffer y = bench.result(DType.INT32, size);
    bench.backend().compare(f, a.operand(), b.operand(), y.operand(), plan);
    double[] left = a.get();
    double[] right = b.get();
    double[] expected = new double[size];
    for (int i = 0; i < size; i++) {
      double first = left[(int) offset(i, plan.dims(), plan.aStrides())];
      double second = right[(int) offset(i, plan.dims(), plan.bStrides())];
      boolean holds =
          switch (f) {
            case EQUAL -> first == second;
            case NOT_EQUAL -> !(first == second);
            case LESS -> first < second;
            case LESS_OR_EQUAL -> first <= second;
          };
      expected[i] = holds ? 1 : 0;
    }
    bench.checkExact(y, expected);
  }

  /** Equal shapes, and each operand repeated along another dimension. */
  private static void ternary(Bench bench, int n, List<DType> types, Ternary f, boolean special) {
    long[] one = {1};
    ternary(bench, types, f, special, new Broadcast(new int[] {n}, one, one, one));
    if (n > 0) {
      ternary(
          bench,
          types,
          f,
          special,
          new Broadcast(new int[] {3, n}, new long[] {1, 0}, new long[] {0, 1}, new long[] {0, 0}));
      ternary(
          bench,
          types,
          f,
          special,
          new Broadcast(new int[] {n, 3}, new long[] {0, 1}, new long[] {3, 1}, new long[] {1, 0}));
    }
  }

  private static void ternary(
      Bench bench, List<DType> types, Ternary f, boolean special, Broadcast plan) {
    Buffer[] x = new Buffer[3];
    for (int i = 0; i < x.length; i++) {
      int size = plan.dims()[0] == 0 ? 0 : elements(plan.dims(), plan.strides()[i]);
      if (i == 0 && f == Ternary.WHERE) {
        x[i] = bench.ints(bench.random().ints(size, -1, 2).toArray());
      } else {
        DType dtype = types.get(i % 2);
        x[i] = special ? bench.special(dtype, size) : bench.operand(dtype, size);
      }
    }
    int size = 1;
    for (int dim : plan.dims()) {
      size *= dim;
    }
    Buffer y = bench.result(types.get(2), size);
    bench.backend().ternary(f, x[0].operand(), x[1].operand(), x[2].operand(), y.operand(), plan);
    double[][] values = {x[0].get(), x[1].get(), x[2].get()};
    double[] expected = new double[size];
    double[] error = new double[size];
    for (int i = 0; i < size; i++) {
      double[] at = new double[3];
      for (int k = 0; k < 3; k++) {
        at[k] = values[k][(int) offset(i, plan.dims(), plan.strides()[k])];
      }
      expected[i] = ternary(f, at[0], at[1], at[2]);
      error[i] = f == Ternary.WHERE ? 0 : 4 * U * Math.abs(expected[i]) + TINY;
    }
    bench.check(y, expected, error);
  }

  private static double ternary(Ternary f, double a, double b, double c) {
    return switch (f) {
      case WHERE -> a != 0 ? b : c;
      case MAXIMUM_GRADIENT -> b == c ? a / 2 : b < c ? 0 : a;
      case MINIMUM_GRADIENT -> b == c ? a / 2 : b > c ? 0 : a;
      case BASE_GRADIENT -> c == 0 ? 0 : a * (c * Math.pow(b, c - 1));
      case EXPONENT_GRADIENT -> b == 0 && c >= 0 ? 0 : a * (Math.pow(b, c) * Math.log(b));
      case TIED -> b == c ? a : 0;
      case SCALED_DIFFERENCE -> a * (b - c);
      case DIVISOR_GRADIENT -> -a * (b / c) / c;
    };
  }

  private static long offset(int index, int[] dims, long[] strides) {
    long offset = 0;
    int rest = index;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      offset += rest % dims[axis] * strides[axis];
      rest /= dims[axis];
    }
    return offset;
  }

  private static void scale(Bench bench, Buffer x, DType to) {
    for (float factor : new float[] {1, -0.3f, 1024, 0x1p-20f}) {
      Buffer y = bench.result(to, x.size());
      bench.backend().scale(x.operand(), factor, y.operand());
      double[] expected = new double[x.size()];
      double[] error = new double[x.size()];
      double[] from = x.get();
      for (int i = 0; i < from.length; i++) {
        expected[i] = from[i] * factor;
        error[i] = Formulas.rounded(expected[i]);
      }
      bench.check(y, expected, error);
    }
  }

  /** 1 − rate, the division (or the reciprocal and its product), each rounded. */
  private static void dropout(Bench bench, int size, List<DType> types) {
    for (float rate : new float[] {0, 0.1f, 0.5f}) {
      long seed = 0x123456789ABCDEFL + size;
      Buffer x = bench.operand(types.get(0), size);
      Buffer y = bench.result(types.get(1), size);
      bench.backend().dropout(x.operand(), y.operand(), rate, seed, null);
      double[] expected = x.get();
      double[] error = new double[size];
      for (int i = 0; i < size; i++) {
        expected[i] = DropoutMask.keeps(seed, i, rate) ? expected[i] / (1 - (double) rate) : 0;
        error[i] = 4 * U * Math.abs(expected[i]);
      }
      bench.check(y, expected, error);
    }
  }
}
