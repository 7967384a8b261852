package dev.mezzo.backend.vector;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The innermost loop of a product for vectors of 4 lanes: 4 rows by 4 vectors, 16 accumulators in
 * 32 registers. One vector for the edge.
 */
final class GemmKernel4 {

  private static final int WIDTH = GemmBlocks.WIDTH;
  private static final int LINES = GemmPacking.LINES;
  private static final long STEP = GemmBlocks.STEP;

  private GemmKernel4() {}

  /** As {@link GemmBlocks#multiply}. */
  static void multiply(
      int rows, int columns, int kc, float[] a, int at, MemorySegment b, float[] tile, int to) {
    if (columns <= 4) {
      rows4Vectors1(kc, a, at, b, tile, to);
    } else {
      rows4Vectors4(kc, a, at, b, tile, to);
    }
  }

  private static void rows4Vectors4(
      int kc, float[] a, int at, MemorySegment b, float[] tile, int to) {
    FloatVector c00 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c01 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c02 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c03 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c10 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c11 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c12 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c13 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c20 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c21 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c22 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c23 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c30 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c31 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c32 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c33 = FloatVector.zero(Lanes.FLOATS);
    for (int p = 0; p < kc; p++) {
      long row = p * STEP;
      int i = at + p * LINES;
      FloatVector b0 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row, Lanes.ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row + 16, Lanes.ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row + 32, Lanes.ORDER);
      FloatVector b3 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row + 48, Lanes.ORDER);
      FloatVector x = FloatVector.broadcast(Lanes.FLOATS, a[i]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      c02 = x.fma(b2, c02);
      c03 = x.fma(b3, c03);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 1]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      c12 = x.fma(b2, c12);
      c13 = x.fma(b3, c13);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 2]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      c22 = x.fma(b2, c22);
      c23 = x.fma(b3, c23);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 3]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
      c32 = x.fma(b2, c32);
      c33 = x.fma(b3, c33);
    }
    c00.intoArray(tile, to);
    c01.intoArray(tile, to + 4);
    c02.intoArray(tile, to + 8);
    c03.intoArray(tile, to + 12);
    c10.intoArray(tile, to + WIDTH);
    c11.intoArray(tile, to + WIDTH + 4);
    c12.intoArray(tile, to + WIDTH + 8);
    c13.intoArray(tile, to + WIDTH + 12);
    c20.intoArray(tile, to + 2 * WIDTH);
    c21.intoArray(tile, to + 2 * WIDTH + 4);
    c22.intoArray(tile, to + 2 * WIDTH + 8);
    c23.intoArray(tile, to + 2 * WIDTH + 12);
    c30.intoArray(tile, to + 3 * WIDTH);
    c31.intoArray(tile, to + 3 * WIDTH + 4);
    c32.intoArray(tile, to + 3 * WIDTH + 8);
    c33.intoArray(tile, to + 3 * WIDTH + 12);
  }

  private static void rows4Vectors1(
      int kc, float[] a, int at, MemorySegment b, float[] tile, int to) {
    FloatVector c00 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c10 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c20 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c30 = FloatVector.zero(Lanes.FLOATS);
    for (int p = 0; p < kc; p++) {
      long row = p * STEP;
      int i = at + p * LINES;
      FloatVector b0 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row, Lanes.ORDER);
      FloatVector x = FloatVector.broadcast(Lanes.FLOATS, a[i]);
      c00 = x.fma(b0, c00);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 1]);
      c10 = x.fma(b0, c10);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 2]);
      c20 = x.fma(b0, c20);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 3]);
      c30 = x.fma(b0, c30);
    }
    c00.intoArray(tile, to);
    c10.intoArray(tile, to + WIDTH);
    c20.intoArray(tile, to + 2 * WIDTH);
    c30.intoArray(tile, to + 3 * WIDTH);
  }
}
