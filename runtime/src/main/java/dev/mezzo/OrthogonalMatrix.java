package dev.mezzo;

import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.random.RandomGenerator;

/**
 * A matrix of orthonormal vectors, by the modified Gram-Schmidt process on normally distributed
 * ones, run twice, which leaves errors of FP64's precision ("twice is enough").
 */
final class OrthogonalMatrix {

  private static final int PASSES = 2;

  private OrthogonalMatrix() {}

  static float[] values(Shape shape, float gain, RandomGenerator random) {
    if (shape.rank() < 2) {
      throw new ShapeException(
          "Init.orthogonal: " + shape + " has less than two dimensions, and so no rows");
    }
    int rows = shape.dim(0);
    int cols = rows == 0 ? 0 : Math.toIntExact(shape.size() / rows);
    boolean wide = rows <= cols;
    double[][] vectors = new double[Math.min(rows, cols)][];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = orthogonalTo(vectors, i, Math.max(rows, cols), random);
    }
    float[] values = new float[rows * cols];
    for (int row = 0; row < rows; row++) {
      for (int col = 0; col < cols; col++) {
        double value = wide ? vectors[row][col] : vectors[col][row];
        values[row * cols + col] = (float) (gain * value);
      }
    }
    return values;
  }

  /** A unit vector orthogonal to the first {@code count}. */
  private static double[] orthogonalTo(
      double[][] vectors, int count, int length, RandomGenerator random) {
    double[] vector = new double[length];
    for (int i = 0; i < length; i++) {
      vector[i] = random.nextGaussian();
    }
    for (int pass = 0; pass < PASSES; pass++) {
      for (int i = 0; i < count; i++) {
        add(vector, -dot(vector, vectors[i]), vectors[i]);
      }
    }
    double norm = Math.sqrt(dot(vector, vector));
    for (int i = 0; i < length; i++) {
      vector[i] /= norm;
    }
    return vector;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void add(double[] to, double factor, double[] vector) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * vector[i];
    }
  }
}
