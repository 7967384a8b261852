package dev.mezzo.backend.vector;

import jdk.incubator.vector.FloatVector;

/** The innermost loops of convolutions for vectors of 16 lanes: 8 rows by up to 2 vectors. */
final class ConvolutionKernel16 {

  private ConvolutionKernel16() {}

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
      rows8Vectors2(a, at, stride, jump, offsets, length, b, panel, c, to, width);
    } else {
      rows8Vectors1(a, at, stride, jump, offsets, length, b, panel, c, to, width);
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
      outer8Vectors2(a, at, aStride, b, from, bStride, offsets, steps, c, to, width);
    } else {
      outer8Vectors1(a, at, aStride, b, from, bStride, offsets, steps, c, to, width);
    }
  }

  private static void rows8Vectors2(
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
    FloatVector c40 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c41 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c50 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c51 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c60 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c61 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c70 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c71 = FloatVector.zero(Lanes.FLOATS);
    int j = panel;
    for (int offset : offsets) {
      int i = at + offset;
      int second = i + jump;
      for (int q = 0; q < length; q++) {
        FloatVector b0 = FloatVector.fromArray(Lanes.FLOATS, b, j);
        FloatVector b1 = FloatVector.fromArray(Lanes.FLOATS, b, j + 16);
        FloatVector x = FloatVector.broadcast(Lanes.FLOATS, a[i + q]);
        c00 = x.fma(b0, c00);
        c01 = x.fma(b1, c01);
        x = FloatVector.broadcast(Lanes.FLOATS, a[i + stride + q]);
        c10 = x.fma(b0, c10);
        c11 = x.fma(b1, c11);
        x = FloatVector.broadcast(Lanes.FLOATS, a[i + 2 * stride + q]);
        c20 = x.fma(b0, c20);
        c21 = x.fma(b1, c21);
        x = FloatVector.broadcast(Lanes.FLOATS, a[i + 3 * stride + q]);
        c30 = x.fma(b0, c30);
        c31 = x.fma(b1, c31);
        x = FloatVector.broadcast(Lanes.FLOATS, a[second + q]);
        c40 = x.fma(b0, c40);
        c41 = x.fma(b1, c41);
        x = FloatVector.broadcast(Lanes.FLOATS, a[second + stride + q]);
        c50 = x.fma(b0, c50);
        c51 = x.fma(b1, c51);
        x = FloatVector.broadcast(Lanes.FLOATS, a[second + 2 * stride + q]);
        c60 = x.fma(b0, c60);
        c61 = x.fma(b1, c61);
        x = FloatVector.broadcast(Lanes.FLOATS, a[second + 3 * stride + q]);
        c70 = x.fma(b0, c70);
        c71 = x.fma(b1, c71);
        j += 32;
      }
    }
    c00.intoArray(c, to);
    c01.intoArray(c, to + 16);
    c10.intoArray(c, to + width);
    c11.intoArray(c, to + width + 16);
    c20.intoArray(c, to + 2 * width);
    c21.intoArray(c, to + 2 * width + 16);
    c30.intoArray(c, to + 3 * width);
    c31.intoArray(c, to + 3 * width + 16);
    c40.intoArray(c, to + 4 * width);
    c41.intoArray(c, to + 4 * width + 16);
    c50.intoArray(c, to + 5 * width);
    c51.intoArray(c, to + 5 * width + 16);
    c60.intoArray(c, to + 6 * width);
    c61.intoArray(c, to + 6 * width + 16);
    c70.intoArray(c, to + 7 * width);
    c71.intoArray(c, to + 7 * width + 16);
  }

  private static void rows8Vectors1(
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
    FloatVector c40 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c50 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c60 = FloatVector.zero(Lanes.FLOATS);
    FloatVector c70 = FloatVector.zero(Lanes.FLOATS);
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
        x = FloatVector.broadcast(Lanes.FLOATS, a[i + 2 * stride + q]);
        c20 = x.fma(b0, c20);
        x = FloatVector.broadcast(Lanes.FLOATS, a[i + 3 * stride + q]);
        c30 = x.fma(b0, c30);
        x = FloatVector.broadcast(Lanes.FLOATS, a[second + q]);
        c40 = x.fma(b0, c40);
        x = FloatVector.broadcast(Lanes.FLOATS, a[second + stride + q]);
        c50 = x.fma(b0, c50);
        x = FloatVector.broadcast(Lanes.FLOATS, a[second + 2 * stride + q]);
        c60 = x.fma(b0, c60);
        x = FloatVector.broadcast(Lanes.FLOATS, a[second + 3 * stride + q]);
        c70 = x.fma(b0, c70);
        j += 16;
      }
    }
    c00.intoArray(c, to);
    c10.intoArray(c, to + width);
    c20.intoArray(c, to + 2 * width);
    c30.intoArray(c, to + 3 * width);
    c40.intoArray(c, to + 4 * width);
    c50.intoArray(c, to + 5 * width);
    c60.intoArray(c, to + 6 * width);
    c70.intoArray(c, to + 7 * width);
  }

  private static void outer8Vectors2(
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
    FloatVector c01 = FloatVector.fromArray(Lanes.FLOATS, c, to + 16);
    FloatVector c10 = FloatVector.fromArray(Lanes.FLOATS, c, to + width);
    FloatVector c11 = FloatVector.fromArray(Lanes.FLOATS, c, to + width + 16);
    FloatVector c20 = FloatVector.fromArray(Lanes.FLOATS, c, to + 2 * width);
    FloatVector c21 = FloatVector.fromArray(Lanes.FLOATS, c, to + 2 * width + 16);
    FloatVector c30 = FloatVector.fromArray(Lanes.FLOATS, c, to + 3 * width);
    FloatVector c31 = FloatVector.fromArray(Lanes.FLOATS, c, to + 3 * width + 16);
    FloatVector c40 = FloatVector.fromArray(Lanes.FLOATS, c, to + 4 * width);
    FloatVector c41 = FloatVector.fromArray(Lanes.FLOATS, c, to + 4 * width + 16);
    FloatVector c50 = FloatVector.fromArray(Lanes.FLOATS, c, to + 5 * width);
    FloatVector c51 = FloatVector.fromArray(Lanes.FLOATS, c, to + 5 * width + 16);
    FloatVector c60 = FloatVector.fromArray(Lanes.FLOATS, c, to + 6 * width);
    FloatVector c61 = FloatVector.fromArray(Lanes.FLOATS, c, to + 6 * width + 16);
    FloatVector c70 = FloatVector.fromArray(Lanes.FLOATS, c, to + 7 * width);
    FloatVector c71 = FloatVector.fromArray(Lanes.FLOATS, c, to + 7 * width + 16);
    for (int s = 0; s < offsets.length; s += 2) {
      int i = at + offsets[s];
      int j = from + offsets[s + 1];
      for (int p = 0; p < steps; p++) {
        FloatVector b0 = FloatVector.fromArray(Lanes.FLOATS, b, j);
        FloatVector b1 = FloatVector.fromArray(Lanes.FLOATS, b, j + 16);
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
        i += aStride;
        j += bStride;
      }
    }
    c00.intoArray(c, to);
    c01.intoArray(c, to + 16);
    c10.intoArray(c, to + width);
    c11.intoArray(c, to + width + 16);
    c20.intoArray(c, to + 2 * width);
    c21.intoArray(c, to + 2 * width + 16);
    c30.intoArray(c, to + 3 * width);
    c31.intoArray(c, to + 3 * width + 16);
    c40.intoArray(c, to + 4 * width);
    c41.intoArray(c, to + 4 * width + 16);
    c50.intoArray(c, to + 5 * width);
    c51.intoArray(c, to + 5 * width + 16);
    c60.intoArray(c, to + 6 * width);
    c61.intoArray(c, to + 6 * width + 16);
    c70.intoArray(c, to + 7 * width);
    c71.intoArray(c, to + 7 * width + 16);
  }

  private static void outer8Vectors1(
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
    FloatVector c40 = FloatVector.fromArray(Lanes.FLOATS, c, to + 4 * width);
    FloatVector c50 = FloatVector.fromArray(Lanes.FLOATS, c, to + 5 * width);
    FloatVector c60 = FloatVector.fromArray(Lanes.FLOATS, c, to + 6 * width);
    FloatVector c70 = FloatVector.fromArray(Lanes.FLOATS, c, to + 7 * width);
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
        x = FloatVector.broadcast(Lanes.FLOATS, a[i + 4]);
        c40 = x.fma(b0, c40);
        x = FloatVector.broadcast(Lanes.FLOATS, a[i + 5]);
        c50 = x.fma(b0, c50);
        x = FloatVector.broadcast(Lanes.FLOATS, a[i + 6]);
        c60 = x.fma(b0, c60);
        x = FloatVector.broadcast(Lanes.FLOATS, a[i + 7]);
        c70 = x.fma(b0, c70);
        i += aStride;
        j += bStride;
      }
    }
    c00.intoArray(c, to);
    c10.intoArray(c, to + width);
    c20.intoArray(c, to + 2 * width);
    c30.intoArray(c, to + 3 * width);
    c40.intoArray(c, to + 4 * width);
    c50.intoArray(c, to + 5 * width);
    c60.intoArray(c, to + 6 * width);
    c70.intoArray(c, to + 7 * width);
  }
}
