package dev.mezzo.backend.vector;

import dev.mezzo.backend.Operand;
import java.util.Arrays;

/** Images as convolutions read and write them: (batch, height, width, channels). */
record Plane(Operand data, int height, int width, int channels) {

  /** The index of a pixel's first element. */
  long at(int image, int row, int column) {
    return (((long) image * height + row) * width + column) * channels;
  }

  /**
   * Widens {@code rows} rows of {@code columns} pixels from (row, column) on, which may lie outside
   * the image, where it is 0. A pixel takes {@code wide} elements of {@code to}, the surplus
   * undefined but finite.
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
    long source = at(image, row, column);
    if (wide == channels) {
      Conversions.widen(data, source, to, from, pixels * wide);
      return;
    }
    for (int j = 0; j < pixels; j++) {
      int pixel = from + j * wide;
      Conversions.widen(data, source + (long) j * channels, to, pixel, channels);
      Arrays.fill(to, pixel + channels, pixel + wide, 0f);
    }
  }
}
