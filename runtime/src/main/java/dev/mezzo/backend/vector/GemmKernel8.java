package dev.mezzo.backend.vector;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The innermost loop of a product for vectors of 8 lanes: 4 rows by 2 vectors, as many accumulators
 * as cover the multiply-add's latency, in 16 registers. One vector for the edge.
 */
final class GemmKernel8 {

  private static final int WIDTH = GemmBlocks.WIDTH;
  private static final int LINES = GemmPacking.LINES;
  private static final long STEP = GemmBlocks.STEP;

  private GemmKernel8() {}

  /** As {@link GemmBlocks#multiply}. */
  static void multiply(
      int rows, int columns, int kc, float[] a, int at, MemorySegment b, float[] tile, int to) {
    if (columns <= 8) {
      rows4Vectors1(kc, a, at, b, tile, to);
    } else {
      rows4Vectors2(kc, a, at, b, tile, to);
    }
  }

  private static void rows4Vectors2(
      int kc, float[] a, int at, MemorySegment b, float[] tile, int to) {
    FloatVector c00 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c01 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c10 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c11 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c20 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c21 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c30 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c31 = FloatVector.zero(Lanes.FLOATS);
    for (int p = 0; p < kc; p++) {
      long row = p * STEP;
      int i = at + p * LINES;
      FloatVector b0 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row, Lanes.ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row + 32, Lanes.ORDER);
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
    }
    c00.intoArray(tile, to);
    c01.intoArray(tile, to + 8);
    c10.intoArray(tile, to + WIDTH);
    c11.intoArray(tile, to + WIDTH + 8);
    c20.intoArray(tile, to + 2 * WIDTH);
    c21.intoArray(tile, to + 2 * WIDTH + 8);
    c30.intoArray(tile, to + 3 * WIDTH);
    c31.intoArray(tile, to + 3 * WIDTH + 8);
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
