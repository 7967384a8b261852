package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;

/** Matrix products: the rows of b, scaled by the elements of a row of a, summed in double. */
final class Gemm {

  private Gemm() {}

  static void run(GemmShape shape, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    int m = shape.m();
    int n = shape.n();
    int k = shape.k();
    if (m == 0 || n == 0) {
      return;
    }
    double[] left = rowMajor(a, m, k);
    double[] right = rowMajor(b, k, n);
    float[] bias = epilogue.bias() == null ? new float[n] : Values.read(epilogue.bias());
    double[] sums = new double[n];
    float[] stored = new float[n];
    for (int i = 0; i < m; i++) {
      Operand row = c.operand().slice((long) i * c.stride(), n);
      float[] old = epilogue.accumulate() ? Values.read(row) : new float[n];
      for (int j = 0; j < n; j++) {
        sums[j] = old[j];
      }
      for (int p = 0; p < k; p++) {
        addScaled(left[i * k + p], right, p * n, sums);
      }
      for (int j = 0; j < n; j++) {
        float value = (float) (sums[j] + bias[j]);
        stored[j] =
            epilogue.activation() == null
                ? value
                : (float) Functions.value(epilogue.activation(), value);
      }
      Tails.apply(epilogue.tail(), stored, (long) i * n);
      Values.write(stored, row);
    }
  }

  private static void addScaled(double factor, double[] matrix, int from, double[] sums) {
    for (int j = 0; j < sums.length; j++) {
      sums[j] += factor * matrix[from + j];
    }
  }

  /** The matrix as the product reads it. */
  private static double[] rowMajor(Matrix matrix, int rows, int cols) {
    double[] values = new double[Math.multiplyExact(rows, cols)];
    int storedRows = matrix.transposed() ? cols : rows;
    int storedCols = matrix.transposed() ? rows : cols;
    for (int i = 0; i < storedRows; i++) {
      float[] row = Values.read(matrix.operand().slice((long) i * matrix.stride(), storedCols));
      for (int j = 0; j < storedCols; j++) {
        values[matrix.transposed() ? j * cols + i : i * cols + j] = row[j];
      }
    }
    return values;
  }
}
