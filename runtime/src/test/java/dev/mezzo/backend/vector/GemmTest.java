package dev.mezzo.backend.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.DType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class GemmTest {

  private static final int[][] SHAPES = {
    {1, 1, 1},
    {3, 5, 2},
    {13, 13, 13},
    {8, 48, 16},
    {207, 10, 33},
    {64, 257, 100},
    {257, 50, 300},
    {10, 1025, 7},
    {17, 16, 257},
    {33, 100, 2100},
    {5, 49, 0},
    {1, 100, 129},
    {2, 33, 64},
    {70, 1, 40},
  };

  private static final Workers WORKERS = new Workers(2);
  private static final Gemm GEMM = new Gemm(WORKERS);

  @AfterAll
  static void end() {
    WORKERS.close();
  }

  @ParameterizedTest
  @CsvSource({
    "FP16, FP16, FP16",
    "BF16, BF16, BF16",
    "FP32, FP32, FP32",
    "FP16, BF16, FP32",
    "FP32, FP16, BF16",
  })
  void agreesWithFp64(DType a, DType b, DType c) {
    for (int[] shape : SHAPES) {
      for (int transposes = 0; transposes < 4; transposes++) {
        new Product(new GemmShape(shape[0], shape[1], shape[2]), a, b, c, transposes, 0)
            .check(Epilogue.NONE);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"4, 0", "4, 1", "9, 0", "9, 1"})
  void fewRowsTimesAMatrixThatNoCacheHas(int rows, int transposes) {
    new Product(new GemmShape(rows, 1100, 2100), DType.FP16, DType.FP16, DType.FP32, transposes, 0)
        .check(Epilogue.NONE);
  }

  @Test
  void stridesMayExceedTheRows() {
    for (int transposes = 0; transposes < 4; transposes++) {
      new Product(new GemmShape(37, 50, 70), DType.FP16, DType.FP16, DType.FP16, transposes, 3)
          .check(Epilogue.NONE);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FP16", "BF16", "FP32"})
  void epilogueComesBeforeTheOneRounding(DType dtype) {
    Operand bias = Data.normal(dtype, 50, 9);
    GemmShape shape = new GemmShape(21, 50, 30);
    for (Unary activation : new Unary[] {null, Unary.RELU}) {
      for (boolean accumulate : new boolean[] {false, true}) {
        new Product(shape, dtype, dtype, dtype, 2, 0)
            .check(new Epilogue(bias, activation, accumulate));
        new Product(shape, dtype, dtype, dtype, 0, 0)
            .check(new Epilogue(null, activation, accumulate));
      }
    }
  }

  @Test
  void accumulationIsFp32() {
    // 2048 + 1 + 1 + … in FP16 would stay at 2048.
    int k = 3000;
    Operand a = Data.sized(DType.FP16, k);
    Operand b = Data.sized(DType.FP16, k);
    for (int p = 0; p < k; p++) {
      Data.set(a, p, p == 0 ? 2048 : 1);
      Data.set(b, p, 1);
    }
    Operand c = Data.sized(DType.FP16, 1L);
    run(new GemmShape(1, 1, k), a, b, c, Epilogue.NONE);
    assertEquals(Data.round(DType.FP16, 2048 + k - 1), Data.get(c, 0));
  }

  @Test
  void nonFiniteNumbersReachTheirRowAndColumnAlone() {
    Operand a = Data.of(DType.FP16, 1, 2, Float.NaN, 4);
    Operand b = Data.of(DType.FP16, 1, 0, 0, Float.POSITIVE_INFINITY);
    Operand c = Data.sized(DType.FP16, 4L);
    run(new GemmShape(2, 2, 2), a, b, c, Epilogue.NONE);
    assertEquals(1, Data.get(c, 0));
    assertEquals(Float.POSITIVE_INFINITY, Data.get(c, 1));
    assertTrue(Float.isNaN(Data.get(c, 2)));
    assertTrue(Float.isNaN(Data.get(c, 3)));
  }

  @Test
  void tooLargeBecomesInfinityAndSubnormalsAreKept() {
    Operand c = Data.sized(DType.FP16, 1L);
    GemmShape one = new GemmShape(1, 1, 1);
    run(one, Data.of(DType.FP16, 256), Data.of(DType.FP16, 256), c, Epilogue.NONE);
    assertEquals(Float.POSITIVE_INFINITY, Data.get(c, 0));
    run(one, Data.of(DType.FP16, 0x1p-24f), Data.of(DType.FP16, 3), c, Epilogue.NONE);
    assertEquals(0x3p-24f, Data.get(c, 0));
  }

  @Test
  void threadsDoNotChangeABit() {
    GemmShape shape = new GemmShape(130, 210, 1100);
    byte[] expected = null;
    for (int threads = 1; threads <= 3; threads++) {
      Product product = new Product(shape, DType.FP16, DType.FP16, DType.FP16, 1, 0);
      try (Workers workers = new Workers(threads)) {
        new Gemm(workers).run(shape, product.a, product.b, product.c, Epilogue.NONE);
      }
      byte[] found = Data.bytes(product.c.operand());
      if (expected != null) {
        assertArrayEquals(expected, found);
      }
      expected = found;
    }
  }

  private static void run(GemmShape shape, Operand a, Operand b, Operand c, Epilogue epilogue) {
    Matrix left = new Matrix(a, false, shape.k());
    Matrix right = new Matrix(b, false, shape.n());
    GEMM.run(shape, left, right, new Matrix(c, false, shape.n()), epilogue);
  }

  /** Random operands, and the check against a product in FP64. */
  private static final class Product {
    final GemmShape shape;
    final Matrix a;
    final Matrix b;
    final Matrix c;

    Product(GemmShape shape, DType a, DType b, DType c, int transposes, int padding) {
      this.shape = shape;
      this.a = matrix(a, shape.m(), shape.k(), (transposes & 1) != 0, padding, 1);
      this.b = matrix(b, shape.k(), shape.n(), (transposes & 2) != 0, padding, 2);
      this.c = matrix(c, shape.m(), shape.n(), false, padding, 3);
    }

    private static Matrix matrix(
        DType dtype, int rows, int cols, boolean transposed, int padding, long seed) {
      int stride = (transposed ? rows : cols) + padding;
      long size = (long) (transposed ? cols : rows) * stride;
      return new Matrix(Data.normal(dtype, size, seed), transposed, stride);
    }

    private static double at(Matrix matrix, int row, int col) {
      long stride = matrix.stride();
      return Data.get(
          matrix.operand(), matrix.transposed() ? col * stride + row : row * stride + col);
    }

    void check(Epilogue epilogue) {
      Operand result = c.operand();
      double[] old = new double[Math.toIntExact(result.size())];
      for (int i = 0; i < old.length; i++) {
        old[i] = Data.get(result, i);
      }
      GEMM.run(shape, a, b, c, epilogue);
      for (int i = 0; i < shape.m(); i++) {
        for (int j = 0; j < c.stride(); j++) {
          int index = i * c.stride() + j;
          if (j >= shape.n()) {
            assertEquals(old[index], Data.get(result, index), "padding was overwritten");
          } else {
            checkElement(i, j, epilogue, old[index], Data.get(result, index));
          }
        }
      }
    }

    private void checkElement(int i, int j, Epilogue epilogue, double old, float found) {
      double sum = 0;
      double magnitude = 0;
      for (int p = 0; p < shape.k(); p++) {
        double product = at(a, i, p) * at(b, p, j);
        sum += product;
        magnitude += Math.abs(product);
      }
      double start = epilogue.accumulate() ? old : 0;
      double bias = bias(epilogue.bias(), j);
      double exact = sum + start + bias;
      magnitude += Math.abs(start) + Math.abs(bias);
      if (Unary.RELU.equals(epilogue.activation())) {
        exact = Math.max(exact, 0);
      }
      DType dtype = c.operand().dtype();
      double tolerance =
          (shape.k() + 3) * 0x1p-24 * magnitude
              + Math.abs(exact) * Data.epsilon(dtype) * 1.001
              + Data.tiny(dtype);
      assertEquals(exact, found, tolerance, () -> shape + " " + a + b + c + " at " + i + ", " + j);
    }

    private static double bias(@Nullable Operand bias, int j) {
      return bias == null ? 0 : Data.get(bias, j);
    }
  }
}
