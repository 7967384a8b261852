package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/**
 * The loops of batch and group norm, over rows of pixels whose channels repeat after {@code length}
 * numbers, a multiple of a vector's; what belongs to a channel is repeated likewise.
 */
final class ChannelLoops {

  private static final int LANES = Lanes.COUNT;

  private ChannelLoops() {}

  /**
   * Adds d = x − origin to {@code sums}, and d² to what lies {@code length} behind.
   *
   * @param count a multiple of {@code length}
   */
  static void deviations(float[] x, int count, float[] origin, float[] sums, int length) {
    for (int c = 0; c < length; c += LANES) {
      FloatVector from = fromArray(FLOATS, origin, c);
      FloatVector sum = fromArray(FLOATS, sums, c);
      FloatVector squares = fromArray(FLOATS, sums, length + c);
      for (int i = c; i < count; i += length) {
        FloatVector d = fromArray(FLOATS, x, i).sub(from);
        sum = sum.add(d);
        squares = d.fma(d, squares);
      }
      sum.intoArray(sums, c);
      squares.intoArray(sums, length + c);
    }
  }

  /**
   * Adds dy to {@code sums}, and dy·(x − origin) to what lies {@code length} behind.
   *
   * @param count a multiple of {@code length}
   */
  static void products(float[] dy, float[] x, int count, float[] origin, float[] sums, int length) {
    for (int c = 0; c < length; c += LANES) {
      FloatVector from = fromArray(FLOATS, origin, c);
      FloatVector sum = fromArray(FLOATS, sums, c);
      FloatVector products = fromArray(FLOATS, sums, length + c);
      for (int i = c; i < count; i += length) {
        FloatVector g = fromArray(FLOATS, dy, i);
        sum = sum.add(g);
        products = fromArray(FLOATS, x, i).sub(from).fma(g, products);
      }
      sum.intoArray(sums, c);
      products.intoArray(sums, length + c);
    }
  }

  /** x = (x − mean)·factor + summand. */
  static void scale(float[] x, float[] means, float[] factors, float[] summands, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, i).sub(fromArray(FLOATS, means, i));
      v.fma(fromArray(FLOATS, factors, i), fromArray(FLOATS, summands, i)).intoArray(x, i);
    }
  }

  /** dy = dy·factor + (x − mean)·slope + summand. */
  static void combine(
      float[] dy,
      float[] x,
      float[] means,
      float[] factors,
      float[] slopes,
      float[] summands,
      int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector away = fromArray(FLOATS, x, i).sub(fromArray(FLOATS, means, i));
      FloatVector rest = away.fma(fromArray(FLOATS, slopes, i), fromArray(FLOATS, summands, i));
      fromArray(FLOATS, dy, i).fma(fromArray(FLOATS, factors, i), rest).intoArray(dy, i);
    }
  }
}
