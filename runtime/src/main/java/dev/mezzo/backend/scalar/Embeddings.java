package dev.mezzo.backend.scalar;

import dev.mezzo.backend.EmbeddingKernels;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Rotation;
import java.util.Arrays;

/** Rows of a table by their number. */
final class Embeddings implements EmbeddingKernels {

  @Override
  public void gather(Operand weight, Operand indices, Operand y, int cols) {
    float[] table = Values.read(weight);
    int[] rows = Values.readInts(indices);
    float[] values = new float[rows.length * cols];
    for (int i = 0; i < rows.length; i++) {
      if (isRow(rows[i], weight, cols)) {
        System.arraycopy(table, rows[i] * cols, values, i * cols, cols);
      } else {
        Arrays.fill(values, i * cols, (i + 1) * cols, Float.NaN);
      }
    }
    Values.write(values, y);
  }

  @Override
  public void scatter(Operand dy, Operand indices, Operand dWeight, int cols) {
    float[] gradients = Values.read(dy);
    int[] rows = Values.readInts(indices);
    double[] sums = new double[Values.length(dWeight)];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < cols && isRow(rows[i], dWeight, cols); j++) {
        sums[rows[i] * cols + j] += gradients[i * cols + j];
      }
    }
    float[] rounded = new float[sums.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) sums[i];
    }
    Values.write(rounded, dWeight);
  }

  @Override
  public void rotate(Rotation r, Operand x, Operand y) {
    float[] values = Values.read(x);
    for (int row = 0; row < r.batch() * r.time(); row++) {
      int position = r.first() + row % r.time();
      for (int head = 0; head < r.rotated(); head++) {
        int at = (row * r.heads() + head) * r.dim();
        for (int i = at; i < at + r.dim() / 2; i++) {
          double angle = position * r.step(i - at);
          float cos = (float) Math.cos(angle);
          float sin = (float) Math.sin(angle);
          double a = values[i];
          double b = values[i + r.dim() / 2];
          values[i] = (float) (a * cos - b * sin);
          values[i + r.dim() / 2] = (float) (b * cos + a * sin);
        }
      }
    }
    Values.write(values, y);
  }

  private static boolean isRow(int index, Operand table, int cols) {
    return index >= 0 && (long) index * cols < table.size();
  }
}
