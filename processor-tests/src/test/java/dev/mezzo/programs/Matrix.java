package dev.mezzo.programs;

import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;

/** A tensor of the oracle: two dimensions, FP64, row by row. */
public record Matrix(int rows, int columns, double[] values) {

  static Matrix zeros(int rows, int columns) {
    return new Matrix(rows, columns, new double[rows * columns]);
  }

  double at(int row, int column) {
    return values[row * columns + column];
  }

  Matrix map(DoubleUnaryOperator function) {
    Matrix result = zeros(rows, columns);
    for (int i = 0; i < values.length; i++) {
      result.values[i] = function.applyAsDouble(values[i]);
    }
    return result;
  }

  /** With broadcasting of dimensions of 1. */
  Matrix zip(Matrix other, DoubleBinaryOperator function) {
    Matrix result = zeros(common(rows, other.rows), common(columns, other.columns));
    for (int i = 0; i < result.rows; i++) {
      for (int j = 0; j < result.columns; j++) {
        result.values[i * result.columns + j] =
            function.applyAsDouble(
                at(rows == 1 ? 0 : i, columns == 1 ? 0 : j),
                other.at(other.rows == 1 ? 0 : i, other.columns == 1 ? 0 : j));
      }
    }
    return result;
  }

  private static int common(int a, int b) {
    if (a != b && a != 1 && b != 1) {
      throw new IllegalArgumentException("shapes differ: " + a + " and " + b);
    }
    return Math.max(a, b);
  }

  Matrix times(Matrix other) {
    if (columns != other.rows) {
      throw new IllegalArgumentException("product of " + columns + " columns, " + other.rows);
    }
    Matrix result = zeros(rows, other.columns);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < other.columns; j++) {
        double sum = 0;
        for (int k = 0; k < columns; k++) {
          sum += at(i, k) * other.at(k, j);
        }
        result.values[i * other.columns + j] = sum;
      }
    }
    return result;
  }

  Matrix transposed() {
    Matrix result = zeros(columns, rows);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        result.values[j * rows + i] = at(i, j);
      }
    }
    return result;
  }

  /** The sums along an axis, which stays with length 1. */
  Matrix sum(int axis) {
    Matrix result = axis == 0 ? zeros(1, columns) : zeros(rows, 1);
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        result.values[axis == 0 ? j : i] += at(i, j);
      }
    }
    return result;
  }

  /** The greatest of each row, as a column. */
  Matrix rowMax() {
    Matrix result = zeros(rows, 1);
    for (int i = 0; i < rows; i++) {
      result.values[i] = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < columns; j++) {
        result.values[i] = Math.max(result.values[i], at(i, j));
      }
    }
    return result;
  }

  Matrix slice(int axis, int from, int to) {
    Matrix result = axis == 0 ? zeros(to - from, columns) : zeros(rows, to - from);
    for (int i = 0; i < result.rows; i++) {
      for (int j = 0; j < result.columns; j++) {
        result.values[i * result.columns + j] = axis == 0 ? at(i + from, j) : at(i, j + from);
      }
    }
    return result;
  }

  Matrix concat(Matrix other, int axis) {
    Matrix result =
        axis == 0 ? zeros(rows + other.rows, columns) : zeros(rows, columns + other.columns);
    for (int i = 0; i < result.rows; i++) {
      for (int j = 0; j < result.columns; j++) {
        boolean first = axis == 0 ? i < rows : j < columns;
        result.values[i * result.columns + j] =
            first ? at(i, j) : axis == 0 ? other.at(i - rows, j) : other.at(i, j - columns);
      }
    }
    return result;
  }

  /** The inner product of the elements. */
  public double dot(Matrix other) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += values[i] * other.values[i];
    }
    return sum;
  }
}
