package dev.mezzo.backend.vector;

import jdk.incubator.vector.FloatVector;

/**
 * Products of small FP32 matrices in a thread's near caches, {@code c += a·b}: the inner loops of
 * attention and recurrences, whose operands are widened and laid out once and read many times. 8
 * rows by 2 vectors of accumulators.
 *
 * <p>All matrices are {@link Panels}. Rows of a are read, and rows of c written, in eights, columns
 * of b and c in whole vectors: there is room for that, and what lies beyond the edge is garbage
 * that stays there.
 */
final class TileProduct {

  private static final int LANES = Lanes.COUNT;

  /** Lines of a panel. */
  static final int LINES = GemmPacking.LINES;

  private TileProduct() {}

  /**
   * A matrix as panels of 16 lines: number {@code step} of line {@code l} is at {@code at + l /
   * 16·size + step·16 + l % 16}. Lines are the rows of a left operand, the columns of a right one
   * and of a result.
   *
   * @param size elements from a panel to the next
   */
  record Panels(float[] values, int at, int size) {

    /** The index of a line's number 0. */
    int line(int line) {
      return at + line / LINES * size + line % LINES;
    }

    /** The panels from a line on, the first of a panel. */
    Panels lines(int first) {
      return new Panels(values, line(first), size);
    }

    /** The same lines from a step on. */
    Panels from(int step) {
      return new Panels(values, at + step * LINES, size);
    }
  }

  /** {@code count} as the number of lines of whole panels. */
  static int padded(int count) {
    return (count + LINES - 1) / LINES * LINES;
  }

  /**
   * {@code c += a·b}; FP32 fused multiply-adds in the order of the steps, added to c at the end.
   *
   * @param rows lines of a, steps of c
   * @param cols lines of b and of c
   * @param steps of a and b
   */
  static void multiply(int rows, int cols, int steps, Panels a, Panels b, Panels c) {
    multiply(rows, cols, steps, a, b, c, true);
  }

  /** {@code c += a·b}, or, without {@code add}, {@code c = a·b}. */
  static void multiply(int rows, int cols, int steps, Panels a, Panels b, Panels c, boolean add) {
    for (int j = 0; j < cols; j += 2 * LANES) {
      for (int r = 0; r < rows; r += 8) {
        int to = r * LINES;
        if (cols - j > LANES) {
          int left = c.line(j) + to;
          int right = c.line(j + LANES) + to;
          vectors2(
              steps,
              a.values,
              a.line(r),
              b.values,
              b.line(j),
              b.line(j + LANES),
              c.values,
              left,
              right,
              add);
        } else {
          vectors1(steps, a.values, a.line(r), b.values, b.line(j), c.values, c.line(j) + to, add);
        }
      }
    }
  }

  private static void vectors2(
      int steps,
      float[] a,
      int at,
      float[] b,
      int left,
      int right,
      float[] c,
      int to,
      int toRight,
      boolean add) {
    FloatVector c00 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c01 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c10 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c11 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c20 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c21 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c30 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c31 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c40 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c41 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c50 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c51 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c60 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c61 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c70 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c71 = FloatVector.zero(Lanes.FLOATS);
    for (int p = 0; p < steps; p++) {
      int i = at + p * LINES;
      FloatVector b0 = FloatVector.fromArray(Lanes.FLOATS, b, left + p * LINES);
      FloatVector b1 = FloatVector.fromArray(Lanes.FLOATS, b, right + p * LINES);
      FloatVector x = FloatVector.broadcast(Lanes.FLOATS, a[i]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 1]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 2]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 3]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 4]);
      c40 = x.fma(b0, c40);
      c41 = x.fma(b1, c41);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 5]);
      c50 = x.fma(b0, c50);
      c51 = x.fma(b1, c51);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 6]);
      c60 = x.fma(b0, c60);
      c61 = x.fma(b1, c61);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 7]);
      c70 = x.fma(b0, c70);
      c71 = x.fma(b1, c71);
    }
    if (add) {
      c00 = c00.add(FloatVector.fromArray(Lanes.FLOATS, c, to));
      c01 = c01.add(FloatVector.fromArray(Lanes.FLOATS, c, toRight));
      c10 = c10.add(FloatVector.fromArray(Lanes.FLOATS, c, to + LINES));
      c11 = c11.add(FloatVector.fromArray(Lanes.FLOATS, c, toRight + LINES));
      c20 = c20.add(FloatVector.fromArray(Lanes.FLOATS, c, to + 2 * LINES));
      c21 = c21.add(FloatVector.fromArray(Lanes.FLOATS, c, toRight + 2 * LINES));
      c30 = c30.add(FloatVector.fromArray(Lanes.FLOATS, c, to + 3 * LINES));
      c31 = c31.add(FloatVector.fromArray(Lanes.FLOATS, c, toRight + 3 * LINES));
      c40 = c40.add(FloatVector.fromArray(Lanes.FLOATS, c, to + 4 * LINES));
      c41 = c41.add(FloatVector.fromArray(Lanes.FLOATS, c, toRight + 4 * LINES));
      c50 = c50.add(FloatVector.fromArray(Lanes.FLOATS, c, to + 5 * LINES));
      c51 = c51.add(FloatVector.fromArray(Lanes.FLOATS, c, toRight + 5 * LINES));
      c60 = c60.add(FloatVector.fromArray(Lanes.FLOATS, c, to + 6 * LINES));
      c61 = c61.add(FloatVector.fromArray(Lanes.FLOATS, c, toRight + 6 * LINES));
      c70 = c70.add(FloatVector.fromArray(Lanes.FLOATS, c, to + 7 * LINES));
      c71 = c71.add(FloatVector.fromArray(Lanes.FLOATS, c, toRight + 7 * LINES));
    }
    c00.intoArray(c, to);
    c01.intoArray(c, toRight);
    c10.intoArray(c, to + LINES);
    c11.intoArray(c, toRight + LINES);
    c20.intoArray(c, to + 2 * LINES);
    c21.intoArray(c, toRight + 2 * LINES);
    c30.intoArray(c, to + 3 * LINES);
    c31.intoArray(c, toRight + 3 * LINES);
    c40.intoArray(c, to + 4 * LINES);
    c41.intoArray(c, toRight + 4 * LINES);
    c50.intoArray(c, to + 5 * LINES);
    c51.intoArray(c, toRight + 5 * LINES);
    c60.intoArray(c, to + 6 * LINES);
    c61.intoArray(c, toRight + 6 * LINES);
    c70.intoArray(c, to + 7 * LINES);
    c71.intoArray(c, toRight + 7 * LINES);
  }

  private static void vectors1(
      int steps, float[] a, int at, float[] b, int left, float[] c, int to, boolean add) {
    FloatVector c0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c1 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c2 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c3 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c4 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c5 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c6 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c7 = FloatVector.zero(Lanes.FLOATS);
    for (int p = 0; p < steps; p++) {
      int i = at + p * LINES;
      FloatVector b0 = FloatVector.fromArray(Lanes.FLOATS, b, left + p * LINES);
      c0 = FloatVector.broadcast(Lanes.FLOATS, a[i]).fma(b0, c0);
      c1 = FloatVector.broadcast(Lanes.FLOATS, a[i + 1]).fma(b0, c1);
      c2 = FloatVector.broadcast(Lanes.FLOATS, a[i + 2]).fma(b0, c2);
      c3 = FloatVector.broadcast(Lanes.FLOATS, a[i + 3]).fma(b0, c3);
      c4 = FloatVector.broadcast(Lanes.FLOATS, a[i + 4]).fma(b0, c4);
      c5 = FloatVector.broadcast(Lanes.FLOATS, a[i + 5]).fma(b0, c5);
      c6 = FloatVector.broadcast(Lanes.FLOATS, a[i + 6]).fma(b0, c6);
      c7 = FloatVector.broadcast(Lanes.FLOATS, a[i + 7]).fma(b0, c7);
    }
    if (add) {
      c0 = c0.add(FloatVector.fromArray(Lanes.FLOATS, c, to));
      c1 = c1.add(FloatVector.fromArray(Lanes.FLOATS, c, to + LINES));
      c2 = c2.add(FloatVector.fromArray(Lanes.FLOATS, c, to + 2 * LINES));
      c3 = c3.add(FloatVector.fromArray(Lanes.FLOATS, c, to + 3 * LINES));
      c4 = c4.add(FloatVector.fromArray(Lanes.FLOATS, c, to + 4 * LINES));
      c5 = c5.add(FloatVector.fromArray(Lanes.FLOATS, c, to + 5 * LINES));
      c6 = c6.add(FloatVector.fromArray(Lanes.FLOATS, c, to + 6 * LINES));
      c7 = c7.add(FloatVector.fromArray(Lanes.FLOATS, c, to + 7 * LINES));
    }
    c0.intoArray(c, to);
    c1.intoArray(c, to + LINES);
    c2.intoArray(c, to + 2 * LINES);
    c3.intoArray(c, to + 3 * LINES);
    c4.intoArray(c, to + 4 * LINES);
    c5.intoArray(c, to + 5 * LINES);
    c6.intoArray(c, to + 6 * LINES);
    c7.intoArray(c, to + 7 * LINES);
  }
}
