package dev.mezzo.backend.vector;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The innermost loop of a product for vectors of 16 lanes: 8 rows by 3 vectors, 24 accumulators in
 * 32 registers. A step of k takes three loads and eight broadcasts for its 24 multiply-adds, so the
 * multipliers never wait. 4 rows, and fewer vectors, for the edges.
 */
final class GemmKernel16 {

  private static final int WIDTH = GemmBlocks.WIDTH;
  private static final int LINES = GemmPacking.LINES;
  private static final long STEP = GemmBlocks.STEP;
  private static final long PANEL = GemmBlocks.PANEL;

  private GemmKernel16() {}

  /** As {@link GemmBlocks#multiply}. */
  static void multiply(
      int rows, int columns, int kc, float[] a, int at, MemorySegment b, float[] tile, int to) {
    if (rows > 4) {
      if (columns <= 16) {
        rows8Vectors1(kc, a, at, b, tile, to);
      } else if (columns <= 32) {
        rows8Vectors2(kc, a, at, b, tile, to);
      } else {
        rows8Vectors3(kc, a, at, b, tile, to);
      }
    } else {
      if (columns <= 16) {
        rows4Vectors1(kc, a, at, b, tile, to);
      } else if (columns <= 32) {
        rows4Vectors2(kc, a, at, b, tile, to);
      } else {
        rows4Vectors3(kc, a, at, b, tile, to);
      }
    }
  }

  private static void rows8Vectors3(
      int kc, float[] a, int at, MemorySegment b, float[] tile, int to) {
    FloatVector c00 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c01 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c02 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c10 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c11 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c12 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c20 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c21 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c22 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c30 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c31 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c32 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c40 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c41 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c42 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c50 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c51 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c52 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c60 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c61 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c62 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c70 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c71 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c72 = FloatVector.zero(Lanes.FLOATS);
    for (int p = 0; p < kc; p++) {
      long row = p * STEP;
      int i = at + p * LINES;
      FloatVector b0 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row, Lanes.ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row + PANEL, Lanes.ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row + 2 * PANEL, Lanes.ORDER);
      FloatVector x = FloatVector.broadcast(Lanes.FLOATS, a[i]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      c02 = x.fma(b2, c02);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 1]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      c12 = x.fma(b2, c12);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 2]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      c22 = x.fma(b2, c22);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 3]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
      c32 = x.fma(b2, c32);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 4]);
      c40 = x.fma(b0, c40);
      c41 = x.fma(b1, c41);
      c42 = x.fma(b2, c42);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 5]);
      c50 = x.fma(b0, c50);
      c51 = x.fma(b1, c51);
      c52 = x.fma(b2, c52);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 6]);
      c60 = x.fma(b0, c60);
      c61 = x.fma(b1, c61);
      c62 = x.fma(b2, c62);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 7]);
      c70 = x.fma(b0, c70);
      c71 = x.fma(b1, c71);
      c72 = x.fma(b2, c72);
    }
    c00.intoArray(tile, to);
    c01.intoArray(tile, to + 16);
    c02.intoArray(tile, to + 32);
    c10.intoArray(tile, to + WIDTH);
    c11.intoArray(tile, to + WIDTH + 16);
    c12.intoArray(tile, to + WIDTH + 32);
    c20.intoArray(tile, to + 2 * WIDTH);
    c21.intoArray(tile, to + 2 * WIDTH + 16);
    c22.intoArray(tile, to + 2 * WIDTH + 32);
    c30.intoArray(tile, to + 3 * WIDTH);
    c31.intoArray(tile, to + 3 * WIDTH + 16);
    c32.intoArray(tile, to + 3 * WIDTH + 32);
    c40.intoArray(tile, to + 4 * WIDTH);
    c41.intoArray(tile, to + 4 * WIDTH + 16);
    c42.intoArray(tile, to + 4 * WIDTH + 32);
    c50.intoArray(tile, to + 5 * WIDTH);
    c51.intoArray(tile, to + 5 * WIDTH + 16);
    c52.intoArray(tile, to + 5 * WIDTH + 32);
    c60.intoArray(tile, to + 6 * WIDTH);
    c61.intoArray(tile, to + 6 * WIDTH + 16);
    c62.intoArray(tile, to + 6 * WIDTH + 32);
    c70.intoArray(tile, to + 7 * WIDTH);
    c71.intoArray(tile, to + 7 * WIDTH + 16);
    c72.intoArray(tile, to + 7 * WIDTH + 32);
  }

  private static void rows8Vectors2(
      int kc, float[] a, int at, MemorySegment b, float[] tile, int to) {
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
    for (int p = 0; p < kc; p++) {
      long row = p * STEP;
      int i = at + p * LINES;
      FloatVector b0 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row, Lanes.ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row + PANEL, Lanes.ORDER);
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
    c00.intoArray(tile, to);
    c01.intoArray(tile, to + 16);
    c10.intoArray(tile, to + WIDTH);
    c11.intoArray(tile, to + WIDTH + 16);
    c20.intoArray(tile, to + 2 * WIDTH);
    c21.intoArray(tile, to + 2 * WIDTH + 16);
    c30.intoArray(tile, to + 3 * WIDTH);
    c31.intoArray(tile, to + 3 * WIDTH + 16);
    c40.intoArray(tile, to + 4 * WIDTH);
    c41.intoArray(tile, to + 4 * WIDTH + 16);
    c50.intoArray(tile, to + 5 * WIDTH);
    c51.intoArray(tile, to + 5 * WIDTH + 16);
    c60.intoArray(tile, to + 6 * WIDTH);
    c61.intoArray(tile, to + 6 * WIDTH + 16);
    c70.intoArray(tile, to + 7 * WIDTH);
    c71.intoArray(tile, to + 7 * WIDTH + 16);
  }

  private static void rows8Vectors1(
      int kc, float[] a, int at, MemorySegment b, float[] tile, int to) {
    FloatVector c00 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c10 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c20 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c30 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c40 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c50 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c60 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c70 = FloatVector.zero(Lanes.FLOATS);
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
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 4]);
      c40 = x.fma(b0, c40);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 5]);
      c50 = x.fma(b0, c50);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 6]);
      c60 = x.fma(b0, c60);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 7]);
      c70 = x.fma(b0, c70);
    }
    c00.intoArray(tile, to);
    c10.intoArray(tile, to + WIDTH);
    c20.intoArray(tile, to + 2 * WIDTH);
    c30.intoArray(tile, to + 3 * WIDTH);
    c40.intoArray(tile, to + 4 * WIDTH);
    c50.intoArray(tile, to + 5 * WIDTH);
    c60.intoArray(tile, to + 6 * WIDTH);
    c70.intoArray(tile, to + 7 * WIDTH);
  }

  private static void rows4Vectors3(
      int kc, float[] a, int at, MemorySegment b, float[] tile, int to) {
    FloatVector c00 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c01 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c02 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c10 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c11 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c12 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c20 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c21 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c22 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c30 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c31 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c32 = FloatVector.zero(Lanes.FLOATS);
    for (int p = 0; p < kc; p++) {
      long row = p * STEP;
      int i = at + p * LINES;
      FloatVector b0 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row, Lanes.ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row + PANEL, Lanes.ORDER);
      FloatVector b2 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row + 2 * PANEL, Lanes.ORDER);
      FloatVector x = FloatVector.broadcast(Lanes.FLOATS, a[i]);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      c02 = x.fma(b2, c02);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 1]);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      c12 = x.fma(b2, c12);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 2]);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      c22 = x.fma(b2, c22);
      x = FloatVector.broadcast(Lanes.FLOATS, a[i + 3]);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
      c32 = x.fma(b2, c32);
    }
    c00.intoArray(tile, to);
    c01.intoArray(tile, to + 16);
    c02.intoArray(tile, to + 32);
    c10.intoArray(tile, to + WIDTH);
    c11.intoArray(tile, to + WIDTH + 16);
    c12.intoArray(tile, to + WIDTH + 32);
    c20.intoArray(tile, to + 2 * WIDTH);
    c21.intoArray(tile, to + 2 * WIDTH + 16);
    c22.intoArray(tile, to + 2 * WIDTH + 32);
    c30.intoArray(tile, to + 3 * WIDTH);
    c31.intoArray(tile, to + 3 * WIDTH + 16);
    c32.intoArray(tile, to + 3 * WIDTH + 32);
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
      FloatVector b1 = FloatVector.fromMemorySegment(Lanes.FLOATS, b, row + PANEL, Lanes.ORDER);
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
    c01.intoArray(tile, to + 16);
    c10.intoArray(tile, to + WIDTH);
    c11.intoArray(tile, to + WIDTH + 16);
    c20.intoArray(tile, to + 2 * WIDTH);
    c21.intoArray(tile, to + 2 * WIDTH + 16);
    c30.intoArray(tile, to + 3 * WIDTH);
    c31.intoArray(tile, to + 3 * WIDTH + 16);
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
