package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.mezzo.backend.vector.TileProduct.Panels;
import jdk.incubator.vector.FloatVector;

/**
 * {@link TileProduct}'s products of up to four rows, which are bound by how fast b is read: eight
 * vectors of columns together for one row, four for up to four.
 *
 * <p>Where the last group has fewer, its last one is computed more than once.
 */
final class FewRowsProduct {

  private static final int LANES = Lanes.COUNT;
  private static final int LINES = TileProduct.LINES;

  private FewRowsProduct() {}

  /** The rows of c that are written, {@code rows} being wanted. */
  static int written(int rows) {
    return rows > 4 ? (rows + 7) / 8 * 8 : rows > 1 ? 4 : rows;
  }

  /** {@code c = a·b}: FP32 fused multiply-adds in the order of the steps. */
  static void multiply(int rows, int cols, int steps, Panels a, Panels b, Panels c) {
    int[] at = new int[8];
    int[] to = new int[8];
    int last = (cols - 1) / LANES;
    int together = rows > 1 ? 4 : 8;
    for (int j = 0; j <= last; j += together) {
      for (int v = 0; v < together; v++) {
        int column = Math.min(j + v, last) * LANES;
        at[v] = b.line(column);
        to[v] = c.line(column);
      }
      if (rows > 1) {
        four(steps, a.values(), a.at(), b.values(), at, c.values(), to);
      } else {
        one(steps, a.values(), a.at(), b.values(), at, c.values(), to);
      }
    }
  }

  private static void one(
      int steps, float[] a, int from, float[] b, int[] at, float[] c, int[] to) {
    int b0 = at[0];
    int b1 = at[1];
    int b2 = at[2];
    int b3 = at[3];
    int b4 = at[4];
    int b5 = at[5];
    int b6 = at[6];
    int b7 = at[7];
    FloatVector c0 = FloatVector.zero(FLOATS);
    FloatVector c1 = FloatVector.zero(FLOATS);
    FloatVector c2 = FloatVector.zero(FLOATS);
    FloatVector c3 = FloatVector.zero(FLOATS);
    FloatVector c4 = FloatVector.zero(FLOATS);
    FloatVector c5 = FloatVector.zero(FLOATS);
    FloatVector c6 = FloatVector.zero(FLOATS);
    FloatVector c7 = FloatVector.zero(FLOATS);
    for (int p = 0; p < steps * LINES; p += LINES) {
      FloatVector x = broadcast(FLOATS, a[from + p]);
      c0 = x.fma(fromArray(FLOATS, b, b0 + p), c0);
      c1 = x.fma(fromArray(FLOATS, b, b1 + p), c1);
      c2 = x.fma(fromArray(FLOATS, b, b2 + p), c2);
      c3 = x.fma(fromArray(FLOATS, b, b3 + p), c3);
      c4 = x.fma(fromArray(FLOATS, b, b4 + p), c4);
      c5 = x.fma(fromArray(FLOATS, b, b5 + p), c5);
      c6 = x.fma(fromArray(FLOATS, b, b6 + p), c6);
      c7 = x.fma(fromArray(FLOATS, b, b7 + p), c7);
    }
    c0.intoArray(c, to[0]);
    c1.intoArray(c, to[1]);
    c2.intoArray(c, to[2]);
    c3.intoArray(c, to[3]);
    c4.intoArray(c, to[4]);
    c5.intoArray(c, to[5]);
    c6.intoArray(c, to[6]);
    c7.intoArray(c, to[7]);
  }

  private static void four(
      int steps, float[] a, int from, float[] b, int[] at, float[] c, int[] to) {
    int b0 = at[0];
    int b1 = at[1];
    int b2 = at[2];
    int b3 = at[3];
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c02 = FloatVector.zero(FLOATS);
    FloatVector c03 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c12 = FloatVector.zero(FLOATS);
    FloatVector c13 = FloatVector.zero(FLOATS);
    FloatVector c20 = FloatVector.zero(FLOATS);
    FloatVector c21 = FloatVector.zero(FLOATS);
    FloatVector c22 = FloatVector.zero(FLOATS);
    FloatVector c23 = FloatVector.zero(FLOATS);
    FloatVector c30 = FloatVector.zero(FLOATS);
    FloatVector c31 = FloatVector.zero(FLOATS);
    FloatVector c32 = FloatVector.zero(FLOATS);
    FloatVector c33 = FloatVector.zero(FLOATS);
    for (int p = 0; p < steps * LINES; p += LINES) {
      FloatVector w0 = fromArray(FLOATS, b, b0 + p);
      FloatVector w1 = fromArray(FLOATS, b, b1 + p);
      FloatVector w2 = fromArray(FLOATS, b, b2 + p);
      FloatVector w3 = fromArray(FLOATS, b, b3 + p);
      FloatVector x = broadcast(FLOATS, a[from + p]);
      c00 = x.fma(w0, c00);
      c01 = x.fma(w1, c01);
      c02 = x.fma(w2, c02);
      c03 = x.fma(w3, c03);
      x = broadcast(FLOATS, a[from + p + 1]);
      c10 = x.fma(w0, c10);
      c11 = x.fma(w1, c11);
      c12 = x.fma(w2, c12);
      c13 = x.fma(w3, c13);
      x = broadcast(FLOATS, a[from + p + 2]);
      c20 = x.fma(w0, c20);
      c21 = x.fma(w1, c21);
      c22 = x.fma(w2, c22);
      c23 = x.fma(w3, c23);
      x = broadcast(FLOATS, a[from + p + 3]);
      c30 = x.fma(w0, c30);
      c31 = x.fma(w1, c31);
      c32 = x.fma(w2, c32);
      c33 = x.fma(w3, c33);
    }
    c00.intoArray(c, to[0]);
    c10.intoArray(c, to[0] + LINES);
    c20.intoArray(c, to[0] + 2 * LINES);
    c30.intoArray(c, to[0] + 3 * LINES);
    c01.intoArray(c, to[1]);
    c11.intoArray(c, to[1] + LINES);
    c21.intoArray(c, to[1] + 2 * LINES);
    c31.intoArray(c, to[1] + 3 * LINES);
    c02.intoArray(c, to[2]);
    c12.intoArray(c, to[2] + LINES);
    c22.intoArray(c, to[2] + 2 * LINES);
    c32.intoArray(c, to[2] + 3 * LINES);
    c03.intoArray(c, to[3]);
    c13.intoArray(c, to[3] + LINES);
    c23.intoArray(c, to[3] + 2 * LINES);
    c33.intoArray(c, to[3] + 3 * LINES);
  }
}
