package dev.mezzo.backend.vector;

import jdk.incubator.vector.FloatVector;

/** The innermost loops of convolutions for vectors of 8 lanes or 4: 4 rows by up to 2 vectors. */
final class ConvolutionKernel8 {

  private static final int LANES = Lanes.COUNT;

  private ConvolutionKernel8() {}

  /** As {@link ConvolutionBlocks#rows}, of so many vectors. */
  static void rows(
      int vectors,
      float[] a,
      int at,
      int stride,
      int jump,
      int[] offsets,
      int length,
      float[] b,
      int panel,
      float[] c,
      int to,
      int width) {
    if (vectors == 2) {
      rows4Vectors2(a, at, stride, jump, offsets, length, b, panel, c, to, width);
    } else {
      rows4Vectors1(a, at, stride, jump, offsets, length, b, panel, c, to, width);
    }
  }

  /** As {@link ConvolutionBlocks#outer}, of so many vectors. */
  static void outer(
      int vectors,
      float[] a,
      int at,
      int aStride,
      float[] b,
      int from,
      int bStride,
      int[] offsets,
      int steps,
      float[] c,
      int to,
      int width) {
    if (vectors == 2) {
      outer4Vectors2(a, at, aStride, b, from, bStride, offsets, steps, c, to, width);
    } else {
      outer4Vectors1(a, at, aStride, b, from, bStride, offsets, steps, c, to, width);
    }
  }

  private static void rows4Vectors2(
      float[] a,
      int at,
      int stride,
      int jump,
      int[] offsets,
      int length,
      float[] b,
      int panel,
      float[] c,
      int to,
      int width) {
    FloatVector c00 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c01 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c10 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c11 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c20 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c21 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c30 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c31 = FloatVector.zero(Lanes.FLOATS);
    int j = panel;
    for (int offset : offsets) {
      int i = at + offset;
      int second = i + jump;
      for (int q = 0; q < length; q++) {
        FloatVector b0 = FloatVector.fromArray(Lanes.FLOATS, b, j);
        FloatVector b1 = FloatVector.fromArray(Lanes.FLOATS, b, j + LANES);
        FloatVector x = FloatVector.broadcast(Lanes.FLOATS, a[i + q]);
        c00 = x.fma(b0, c00);
        c01 = x.fma(b1, c01);
        x = FloatVector.broadcast(Lanes.FLOATS, a[i + stride + q]);
        c10 = x.fma(b0, c10);
        c11 = x.fma(b1, c11);
        x = FloatVector.broadcast(Lanes.FLOATS, a[second + q]);
        c20 = x.fma(b0, c20);
        c21 = x.fma(b1, c21);
        x = FloatVector.broadcast(Lanes.FLOATS, a[second + stride + q]);
        c30 = x.fma(b0, c30);
        c31 = x.fma(b1, c31);
        j += 2 * LANES;
      }
    }
    c00.intoArray(c, to);
    c01.intoArray(c, to + LANES);
    c10.intoArray(c, to + width);
    c11.intoArray(c, to + width + LANES);
    c20.intoArray(c, to + 2 * width);
    c21.intoArray(c, to + 2 * width + LANES);
    c30.intoArray(c, to + 3 * width);
    c31.intoArray(c, to + 3 * width + LANES);
  }

  private static void rows4Vectors1(
      float[] a,
      int at,
      int stride,
      int jump,
      int[] offsets,
      int length,
      float[] b,
      int panel,
      float[] c,
      int to,
      int width) {
    FloatVector c00 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c10 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c20 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c30 = FloatVector.zero(Lanes.FLOATS);
    int j = panel;
    for (int offset : offsets) {
      int i = at + offset;
      int second = i + jump;
      for (int q = 0; q < length; q++) {
        FloatVector b0 = FloatVector.fromArray(Lanes.FLOATS, b, j);
        FloatVector x = FloatVector.broadcast(Lanes.FLOATS, a[i + q]);
        c00 = x.fma(b0, c00);
        x = FloatVector.broadcast(Lanes.FLOATS, a[i + stride + q]);
        c10 = x.fma(b0, c10);
        x = FloatVector.broadcast(Lanes.FLOATS, a[second + q]);
        c20 = x.fma(b0, c20);
        x = FloatVector.broadcast(Lanes.FLOATS, a[second + stride + q]);
        c30 = x.fma(b0, c30);
        j += LANES;
      }
    }
    c00.intoArray(c, to);
    c10.intoArray(c, to + width);
    c20.intoArray(c, to + 2 * width);
    c30.intoArray(c, to + 3 * width);
  }

  private static void outer4Vectors2(
      float[] a,
      int at,
      int aStride,
      float[] b,
      int from,
      int bStride,
      int[] offsets,
      int steps,
      float[] c,
      int to,
      int width) {
    FloatVector c00 = FloatVector.fromArray(Lanes.FLOATS, c, to);
    FloatVector c01 = FloatVector.fromArray(Lanes.FLOATS, c, to + LANES);
    FloatVector c10 = FloatVector.fromArray(Lanes.FLOATS, c, to + width);
    FloatVector c11 = FloatVector.fromArray(Lanes.FLOATS, c, to + width + LANES);
    FloatVector c20 = FloatVector.fromArray(Lanes.FLOATS, c, to + 2 * width);
    FloatVector c21 = FloatVector.fromArray(Lanes.FLOATS, c, to + 2 * width + LANES);
    FloatVector c30 = FloatVector.fromArray(Lanes.FLOATS, c, to + 3 * width);
    FloatVector c31 = FloatVector.fromArray(Lanes.FLOATS, c, to + 3 * width + LANES);
    for (int s = 0; s < offsets.length; s += 2) {
      int i = at + offsets[s];
      int j = from + offsets[s + 1];
      for (int p = 0; p < steps; p++) {
        FloatVector b0 = FloatVector.fromArray(Lanes.FLOATS, b, j);
        FloatVector b1 = FloatVector.fromArray(Lanes.FLOATS, b, j + LANES);
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
        i += aStride;
        j += bStride;
      }
    }
    c00.intoArray(c, to);
    c01.intoArray(c, to + LANES);
    c10.intoArray(c, to + width);
    c11.intoArray(c, to + width + LANES);
    c20.intoArray(c, to + 2 * width);
    c21.intoArray(c, to + 2 * width + LANES);
    c30.intoArray(c, to + 3 * width);
    c31.intoArray(c, to + 3 * width + LANES);
  }

  private static void outer4Vectors1(
      float[] a,
      int at,
      int aStride,
      float[] b,
      int from,
      int bStride,
      int[] offsets,
      int steps,
      float[] c,
      int to,
      int width) {
    FloatVector c00 = FloatVector.fromArray(Lanes.FLOATS, c, to);
    FloatVector c10 = FloatVector.fromArray(Lanes.FLOATS, c, to + width);
    FloatVector c20 = FloatVector.fromArray(Lanes.FLOATS, c, to + 2 * width);
    FloatVector c30 = FloatVector.fromArray(Lanes.FLOATS, c, to + 3 * width);
    for (int s = 0; s < offsets.length; s += 2) {
      int i = at + offsets[s];
      int j = from + offsets[s + 1];
      for (int p = 0; p < steps; p++) {
        FloatVector b0 = FloatVector.fromArray(Lanes.FLOATS, b, j);
        FloatVector x = FloatVector.broadcast(Lanes.FLOATS, a[i]);
        c00 = x.fma(b0, c00);
        x = FloatVector.broadcast(Lanes.FLOATS, a[i + 1]);
        c10 = x.fma(b0, c10);
        x = FloatVector.broadcast(Lanes.FLOATS, a[i + 2]);
        c20 = x.fma(b0, c20);
        x = FloatVector.broadcast(Lanes.FLOATS, a[i + 3]);
        c30 = x.fma(b0, c30);
        i += aStride;
        j += bStride;
      }
    }
    c00.intoArray(c, to);
    c10.intoArray(c, to + width);
    c20.intoArray(c, to + 2 * width);
    c30.intoArray(c, to + 3 * width);
  }
}
