package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.mezzo.backend.Unary;
import jdk.incubator.vector.FloatVector;

/**
 * What units compute, on panels in FP32: {@code n} numbers, a multiple of 16, from {@code at} on.
 * Forward in place on the gates. One loop to a method: see the package on what the compiler
 * inlines.
 */
final class RecurrentCells {

  private static final int LANES = Lanes.COUNT;

  private RecurrentCells() {}

  /** A gate: its sum, and a function of it. */
  static void gate(Unary function, float[] z, int at, float[] x, int n, float[] buffer) {
    add(z, at, x, n);
    Activations.apply(function, z, at, n, buffer);
  }

  static void add(float[] z, int at, float[] x, int n) {
    for (int i = 0; i < n; i += LANES) {
      fromArray(FLOATS, z, at + i).add(fromArray(FLOATS, x, i)).intoArray(z, at + i);
    }
  }

  /** {@code to = a·b + c·d}. */
  static void mix(
      float[] a,
      int aAt,
      float[] b,
      int bAt,
      float[] c,
      int cAt,
      float[] d,
      int dAt,
      float[] to,
      int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector product = fromArray(FLOATS, c, cAt + i).mul(fromArray(FLOATS, d, dAt + i));
      fromArray(FLOATS, a, aAt + i).fma(fromArray(FLOATS, b, bAt + i), product).intoArray(to, i);
    }
  }

  /** to = a·b. */
  static void multiply(float[] a, int aAt, float[] b, int bAt, float[] to, int n) {
    for (int i = 0; i < n; i += LANES) {
      fromArray(FLOATS, a, aAt + i).mul(fromArray(FLOATS, b, bAt + i)).intoArray(to, i);
    }
  }

  /** {@code to = n + z·(h − n)}: GRU's result. */
  static void between(float[] n, int nAt, float[] z, int zAt, float[] h, float[] to, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector candidate = fromArray(FLOATS, n, nAt + i);
      fromArray(FLOATS, z, zAt + i)
          .fma(fromArray(FLOATS, h, i).sub(candidate), candidate)
          .intoArray(to, i);
    }
  }

  /**
   * LSTM's slopes. In {@code saved} i, f, g, o, c, a tile each; {@code d} gets those of i, f, g, o.
   *
   * @param dh of the result
   * @param dc of c, from the step after; becomes that for the step before
   * @param tanh of c
   * @param before c of the step before
   */
  static void lstm(
      float[] saved,
      int tile,
      float[] dh,
      float[] dc,
      float[] tanh,
      float[] before,
      float[] d,
      int n) {
    for (int k = 0; k < n; k += LANES) {
      FloatVector t = fromArray(FLOATS, tanh, k);
      FloatVector o = fromArray(FLOATS, saved, 3 * tile + k);
      FloatVector up = fromArray(FLOATS, dh, k);
      FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1f);
      FloatVector sum = up.mul(o).fma(t.neg().fma(t, one), fromArray(FLOATS, dc, k));
      up.mul(t).mul(o).mul(one.sub(o)).intoArray(d, 3 * tile + k);
      sum.intoArray(dc, k);
    }
    for (int k = 0; k < n; k += LANES) {
      FloatVector i = fromArray(FLOATS, saved, k);
      FloatVector f = fromArray(FLOATS, saved, tile + k);
      FloatVector g = fromArray(FLOATS, saved, 2 * tile + k);
      FloatVector sum = fromArray(FLOATS, dc, k);
      FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1f);
      sum.mul(g).mul(i).mul(one.sub(i)).intoArray(d, k);
      sum.mul(fromArray(FLOATS, before, k)).mul(f).mul(one.sub(f)).intoArray(d, tile + k);
      sum.mul(i).mul(g.neg().fma(g, one)).intoArray(d, 2 * tile + k);
      sum.mul(f).intoArray(dc, k);
    }
  }

  /**
   * GRU's slopes. In {@code saved} r, z, n, hn, a tile each; {@code d} gets those of r, z, n, and
   * of hn; {@code dh} becomes what goes past the weights to the step before.
   */
  static void gru(float[] saved, int tile, float[] dh, float[] before, float[] d, int count) {
    for (int k = 0; k < count; k += LANES) {
      FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1f);
      FloatVector r = fromArray(FLOATS, saved, k);
      FloatVector z = fromArray(FLOATS, saved, tile + k);
      FloatVector n = fromArray(FLOATS, saved, 2 * tile + k);
      FloatVector up = fromArray(FLOATS, dh, k);
      FloatVector dn = up.mul(one.sub(z)).mul(n.neg().fma(n, one));
      dn.mul(fromArray(FLOATS, saved, 3 * tile + k)).mul(r).mul(one.sub(r)).intoArray(d, k);
      up.mul(fromArray(FLOATS, before, k).sub(n)).mul(z).mul(one.sub(z)).intoArray(d, tile + k);
      dn.intoArray(d, 2 * tile + k);
      dn.mul(r).intoArray(d, 3 * tile + k);
      up.mul(z).intoArray(dh, k);
    }
  }
}
