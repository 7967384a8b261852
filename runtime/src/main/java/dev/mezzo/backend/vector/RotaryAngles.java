package dev.mezzo.backend.vector;

import dev.mezzo.backend.Rotation;

/**
 * The angles of a position's pairs. From one position to the next each turns by its step, in FP64,
 * so that sines and cosines are computed once a block of {@value #BLOCK} positions: the error after
 * a block is below 2⁻⁴⁷. Blocks are the same whatever the threads.
 */
final class RotaryAngles {

  static final int BLOCK = 64;

  private final int half;
  private final double[] cos;
  private final double[] sin;
  private final double[] stepCos;
  private final double[] stepSin;

  /** Those of time step {@code t}. */
  RotaryAngles(Rotation r, int t) {
    half = r.dim() / 2;
    cos = new double[half];
    sin = new double[half];
    stepCos = new double[half];
    stepSin = new double[half];
    for (int i = 0; i < half; i++) {
      double step = r.step(i);
      double angle = ((double) r.first() + t) * step;
      cos[i] = Math.cos(angle);
      sin[i] = Math.sin(angle);
      stepCos[i] = Math.cos(step);
      stepSin[i] = Math.sin(step);
    }
  }

  /** Turns the pairs of a head that begins at {@code at}. */
  void turn(float[] x, int at) {
    int to = at + half;
    for (int i = 0; i < half; i++) {
      float c = (float) cos[i];
      float s = (float) sin[i];
      float a = x[at + i];
      float b = x[to + i];
      x[at + i] = a * c - b * s;
      x[to + i] = b * c + a * s;
    }
  }

  /** On to the next time step. */
  void next() {
    for (int i = 0; i < half; i++) {
      double c = cos[i];
      cos[i] = c * stepCos[i] - sin[i] * stepSin[i];
      sin[i] = sin[i] * stepCos[i] + c * stepSin[i];
    }
  }
}
