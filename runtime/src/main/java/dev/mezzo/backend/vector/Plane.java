package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;

import dev.mezzo.backend.Operand;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Images as convolutions read and write them: (batch, height, width, channels). */
record Plane(Operand data, int height, int width, int channels) {

  private static final int LANES = Lanes.COUNT;

  /** The index of a pixel's first element. */
  long at(int image, int row, int column) {
    return (((long) image * height + row) * width + column) * channels;
  }

  /**
   * Widens {@code rows} rows of {@code columns} pixels from (row, column) on, which may lie outside
   * the image, where it is 0. A pixel takes {@code wide} elements of {@code to}, as many as there
   * are channels, or these in whole vectors, whose surplus is 0.
   */
  void widen(int image, int row, int column, int rows, int columns, int wide, float[] to, int at) {
    int left = Math.clamp(-column, 0, columns);
    int right = Math.clamp((long) width - column, left, columns);
    for (int r = 0; r < rows; r++) {
      int from = at + r * columns * wide;
      boolean inside = row + r >= 0 && row + r < height && right > left;
      int start = inside ? left : columns;
      int end = inside ? right : columns;
      Arrays.fill(to, from, from + start * wide, 0f);
      Arrays.fill(to, from + end * wide, from + columns * wide, 0f);
      if (inside) {
        widenRow(image, row + r, column + start, end - start, wide, to, from + start * wide);
      }
    }
  }

  private void widenRow(
      int image, int row, int column, int pixels, int wide, float[] to, int from) {
    Conversions.widen(data, at(image, row, column), to, from, pixels * channels);
    if (wide > channels) {
      spread(to, from, pixels, wide);
    }
  }

  /** Moves pixels that lie side by side to their places, the last one first. */
  private void spread(float[] x, int at, int pixels, int wide) {
    int last = wide - LANES;
    VectorMask<Float> inside = FLOATS.indexInRange(last, channels);
    for (int j = pixels - 1; j >= 0; j--) {
      int from = at + j * channels;
      int to = at + j * wide;
      FloatVector end = FloatVector.fromArray(FLOATS, x, from + last);
      FloatVector.zero(FLOATS).blend(end, inside).intoArray(x, to + last);
      for (int c = last - LANES; c >= 0; c -= LANES) {
        FloatVector.fromArray(FLOATS, x, from + c).intoArray(x, to + c);
      }
    }
  }

  /** The reverse: moves pixels of {@code wide} elements side by side. */
  void gather(float[] x, int at, int pixels, int wide) {
    for (int j = 1; j < pixels; j++) {
      int from = at + j * wide;
      int to = at + j * channels;
      for (int c = 0; c < channels; c += LANES) {
        FloatVector.fromArray(FLOATS, x, from + c).intoArray(x, to + c);
      }
    }
  }
}
