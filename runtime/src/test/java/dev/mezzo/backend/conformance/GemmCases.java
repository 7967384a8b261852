package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.TINY;
import static dev.mezzo.backend.conformance.Formulas.U;
import static dev.mezzo.backend.conformance.KernelCase.AWKWARD;
import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmBatch;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Matrix products: every dimension awkward in turn, all transposes, strides, epilogues. */
final class GemmCases {

  private static final List<List<DType>> TYPES =
      List.of(
          List.of(DType.FP32, DType.FP32, DType.FP32),
          List.of(DType.FP16, DType.FP16, DType.FP16),
          List.of(DType.BF16, DType.BF16, DType.BF16),
          List.of(DType.FP16, DType.FP16, DType.FP32),
          List.of(DType.FP16, DType.FP32, DType.BF16));

  /** Functions whose slope has no bound, or is that of no activation. */
  private static final Set<Unary.Function> STEEP =
      Set.of(
          Unary.Function.LOG,
          Unary.Function.POW,
          Unary.Function.SQUARE,
          Unary.Function.SQRT,
          Unary.Function.RSQRT,
          Unary.Function.RECIPROCAL);

  private GemmCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (boolean a : new boolean[] {false, true}) {
      for (boolean b : new boolean[] {false, true}) {
        String name = "gemm " + (a ? "T" : "N") + (b ? "T" : "N");
        cases.add(
            new KernelCase(name + ", m", TYPES, AWKWARD, (t, n, d) -> run(t, n, 13, 17, a, b, d)));
        cases.add(
            new KernelCase(name + ", n", TYPES, AWKWARD, (t, n, d) -> run(t, 13, n, 17, a, b, d)));
        cases.add(
            new KernelCase(name + ", k", TYPES, AWKWARD, (t, n, d) -> run(t, 13, 17, n, a, b, d)));
        cases.add(
            new KernelCase(
                name + ", square",
                same(3),
                new int[] {2, 31, 65, 129},
                (t, n, d) -> run(t, n, n, n, a, b, d)));
      }
    }
    for (int lines : new int[] {1, 3, 10}) {
      String name = "gemm NT, " + lines;
      cases.add(
          new KernelCase(
              name + " rows", TYPES, AWKWARD, (t, n, d) -> run(t, lines, n, 257, false, true, d)));
      cases.add(
          new KernelCase(
              name + " columns",
              TYPES,
              AWKWARD,
              (t, n, d) -> run(t, n, lines, 300, false, true, d)));
      cases.add(
          new KernelCase(
              name + " rows, long",
              TYPES,
              new int[] {256, 1023, 1024, 1025, 4098},
              (t, n, d) -> run(t, lines, 7, n, false, true, d)));
      for (boolean a : new boolean[] {false, true}) {
        cases.add(
            new KernelCase(
                "gemm " + (a ? "TN, " : "NN, ") + lines + " rows",
                TYPES,
                AWKWARD,
                (t, n, d) -> run(t, lines, n, 37, a, false, d)));
      }
      for (boolean b : new boolean[] {false, true}) {
        cases.add(
            new KernelCase(
                "gemm " + (b ? "NT, " : "NN, ") + lines + " rows, special values",
                TYPES,
                new int[] {256, 301, 1029},
                (t, n, d) -> specialLines(t, lines, n, b, d)));
      }
    }
    int[] few = {1, 17, 64, 100};
    cases.add(
        new KernelCase(
            "gemm with bias", TYPES, few, (t, n, d) -> epilogues(t, n, d, true, null, false)));
    cases.add(
        new KernelCase(
            "gemm that adds", TYPES, few, (t, n, d) -> epilogues(t, n, d, false, null, true)));
    for (Unary f : Formulas.UNARIES) {
      if (!STEEP.contains(f.function())) {
        cases.add(
            new KernelCase(
                "gemm with bias and " + f,
                TYPES,
                few,
                (t, n, d) -> epilogues(t, n, d, true, f, false)));
      }
    }
    cases.add(
        new KernelCase(
            "gemm that adds, with bias and RELU",
            TYPES,
            few,
            (t, n, d) -> epilogues(t, n, d, true, Unary.RELU, true)));
    cases.add(new KernelCase("gemm of a batch", TYPES, few, GemmCases::batch));
    cases.add(new KernelCase("gemm with no inner dimension", TYPES, few, GemmCases::noDepth));
    cases.add(
        new KernelCase("gemm of special values", TYPES, new int[] {5, 40}, GemmCases::special));
    return cases;
  }

  private static void run(
      Bench bench,
      int m,
      int n,
      int k,
      boolean aTransposed,
      boolean bTransposed,
      List<DType> types) {
    for (int padding : new int[] {0, 3}) {
      Product product = new Product(new GemmShape(m, n, k), aTransposed, bTransposed, padding);
      product.check(bench, types, Epilogue.NONE);
    }
  }

  private static void epilogues(
      Bench bench,
      int n,
      List<DType> types,
      boolean bias,
      @Nullable Unary activation,
      boolean accumulate) {
    for (DType biasType : List.of(types.get(2), DType.FP32)) {
      Buffer row = bench.operand(biasType, n);
      Product product = new Product(new GemmShape(19, n, 33), false, true, 0);
      product.check(
          bench,
          types,
          new Epilogue(bias ? row.operand() : null, activation, accumulate),
          bias ? row.get() : new double[0]);
    }
  }

  /** Three products; of each operand three matrices, or one for all. */
  private static void batch(Bench bench, int m, List<DType> types) {
    int count = 3;
    int n = 7;
    int k = 13;
    for (int shared = 0; shared < 3; shared++) {
      boolean oneA = shared == 1;
      boolean oneB = shared == 2;
      Buffer a = bench.operand(types.get(0), (oneA ? 1 : count) * m * k);
      Buffer b = bench.operand(types.get(1), (oneB ? 1 : count) * n * k);
      Buffer c = bench.result(types.get(2), count * m * n);
      GemmBatch batch =
          new GemmBatch(count, oneA ? 0 : (long) m * k, oneB ? 0 : (long) n * k, (long) m * n);
      Matrix left = new Matrix(a.operand(), false, k);
      Matrix right = new Matrix(b.operand(), true, k);
      Matrix result = new Matrix(c.operand(), false, n);
      GemmShape shape = new GemmShape(m, n, k);
      bench.backend().gemmBatch(shape, batch, left, right, result, Epilogue.NONE);
      double[] lefts = a.get();
      double[] rights = b.get();
      double[] expected = new double[count * m * n];
      double[] error = new double[expected.length];
      for (int i = 0; i < expected.length; i++) {
        int row = (int) (batch.a() * (i / (m * n))) + i / n % m * k;
        int column = (int) (batch.b() * (i / (m * n))) + i % n * k;
        for (int p = 0; p < k; p++) {
          double product = lefts[row + p] * rights[column + p];
          expected[i] += product;
          error[i] += (k + 1) * U * Math.abs(product);
        }
      }
      bench.check(c, expected, error);
    }
  }

  private static void noDepth(Bench bench, int n, List<DType> types) {
    Buffer row = bench.operand(types.get(2), n);
    Product product = new Product(new GemmShape(5, n, 0), false, false, 0);
    product.check(bench, types, Epilogue.NONE);
    product.check(bench, types, new Epilogue(row.operand(), null, false), row.get());
  }

  /** One special value in a matrix that is multiplied with a line. */
  private static void specialLines(
      Bench bench, int lines, int k, boolean bTransposed, List<DType> types) {
    int n = 35;
    double[] values = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0x1p-24};
    double[] few = bench.random().doubles((long) lines * k, 0.5, 2).toArray();
    for (double value : values) {
      double[] matrix = bench.random().doubles((long) n * k, 0.5, 2).toArray();
      matrix[bTransposed ? k + k / 2 : k / 2 * n + 1] = value;
      matrix[n * k - 1] = value;
      Buffer left = bench.values(types.get(0), few);
      Buffer right = bench.values(types.get(1), matrix);
      new Product(new GemmShape(lines, n, k), false, bTransposed, 0)
          .check(bench, left, right, types.get(2), Epilogue.NONE, new double[0]);
    }
  }

  /** One special value in a, a different one in b: all else of that row and column stays finite. */
  private static void special(Bench bench, int size, List<DType> types) {
    double[] values = {
      Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 65504, 0x1p-24, -0.0
    };
    for (double value : values) {
      double[] a = bench.random().doubles((long) size * size, 0.5, 2).toArray();
      double[] b = bench.random().doubles((long) size * size, 0.5, 2).toArray();
      a[size * (size - 1) + size / 2] = value;
      b[size / 3] = value;
      Buffer left = bench.values(types.get(0), a);
      Buffer right = bench.values(types.get(1), b);
      for (boolean aTransposed : new boolean[] {false, true}) {
        for (boolean bTransposed : new boolean[] {false, true}) {
          new Product(new GemmShape(size, size, size), aTransposed, bTransposed, 0)
              .check(bench, left, right, types.get(2), Epilogue.NONE, new double[0]);
        }
      }
    }
  }

  /** A product with the layout of its operands; rows are stored {@code padding} elements apart. */
  private record Product(GemmShape shape, boolean aTransposed, boolean bTransposed, int padding) {

    void check(Bench bench, List<DType> types, Epilogue epilogue, double... bias) {
      Buffer a = bench.operand(types.get(0), stored(shape.m(), shape.k(), aTransposed));
      Buffer b = bench.operand(types.get(1), stored(shape.k(), shape.n(), bTransposed));
      check(bench, a, b, types.get(2), epilogue, bias);
    }

    /**
     * Products and sums: (k + 2)·u·(Σ|a·b| + |bias| + |old c|); then the activation, whose slope is
     * at most max(1.13, |f|).
     */
    void check(Bench bench, Buffer a, Buffer b, DType to, Epilogue epilogue, double[] bias) {
      int stride = shape.n() + padding;
      Buffer c = bench.result(to, shape.m() * stride);
      c.set(bench.random().doubles(c.size(), -3, 3).toArray());
      double[] old = c.get();
      bench
          .backend()
          .gemm(
              shape,
              new Matrix(a.operand(), aTransposed, (aTransposed ? shape.m() : shape.k()) + padding),
              new Matrix(b.operand(), bTransposed, (bTransposed ? shape.k() : shape.n()) + padding),
              new Matrix(c.operand(), false, stride),
              epilogue);
      double[] expected = old.clone();
      double[] error = new double[old.length];
      double[] left = a.get();
      double[] right = b.get();
      for (int i = 0; i < shape.m(); i++) {
        for (int j = 0; j < shape.n(); j++) {
          int at = i * stride + j;
          double sum = (epilogue.accumulate() ? old[at] : 0) + (bias.length > 0 ? bias[j] : 0);
          double magnitude =
              (epilogue.accumulate() ? Math.abs(old[at]) : 0)
                  + (bias.length > 0 ? Math.abs(bias[j]) : 0);
          for (int p = 0; p < shape.k(); p++) {
            double term =
                left[at(i, p, shape.m(), shape.k(), aTransposed)]
                    * right[at(p, j, shape.k(), shape.n(), bTransposed)];
            sum += term;
            magnitude += Math.abs(term);
          }
          Unary f = epilogue.activation();
          double sumError = (shape.k() + 2) * U * magnitude + TINY;
          expected[at] = f == null ? sum : Formulas.value(f, sum);
          error[at] =
              f == null
                  ? sumError
                  : Formulas.error(f, sum) + sumError * Math.max(1.5, 1.1 * Math.abs(expected[at]));
        }
      }
      bench.check(c, expected, error);
    }

    private int stored(int rows, int cols, boolean transposed) {
      return transposed ? cols * (rows + padding) : rows * (cols + padding);
    }

    private int at(int row, int col, int rows, int cols, boolean transposed) {
      return transposed ? col * (rows + padding) + row : row * (cols + padding) + col;
    }
  }
}
