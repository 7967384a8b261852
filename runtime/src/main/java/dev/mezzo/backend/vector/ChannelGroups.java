package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.mezzo.backend.ConvolutionShape;
import jdk.incubator.vector.VectorShuffle;

/**
 * The groups of a convolution, whose result channels each multiply all source channels of their
 * own. So that channels lie side by side, the source is brought into the order of the results: once
 * for each place in a group.
 *
 * @param in source channels of a group
 * @param out result channels of a group
 * @param turned whether results are the inputs' channels, as in the gradient by x
 */
record ChannelGroups(int in, int out, boolean turned) {

  static ChannelGroups of(ConvolutionShape shape, boolean turned) {
    return turned
        ? new ChannelGroups(shape.groupOut(), shape.groupIn(), true)
        : new ChannelGroups(shape.groupIn(), shape.groupOut(), false);
  }

  /** Whether the source is in the order of the results as it is. */
  boolean isDepthwise() {
    return in == 1 && out == 1;
  }

  /** The index of the weight between a result and the source channel at a place of its group. */
  int weight(int result, int place, int pixel, int pixels) {
    return turned
        ? (source(result, place) * pixels + pixel) * out + result % out
        : (result * pixels + pixel) * in + place;
  }

  private int source(int result, int place) {
    return result / out * in + place;
  }

  /**
   * The source channels at a place of their groups in the order of the results, pixel by pixel.
   *
   * @param from pixels of {@code wide} numbers
   * @param to pixels of {@code resultsWide} numbers, of which {@code results} matter, from {@code
   *     at} on
   */
  void arrange(
      int place,
      float[] from,
      int wide,
      int pixels,
      float[] to,
      int at,
      int results,
      int resultsWide) {
    if (in == out && Lanes.COUNT % in == 0) {
      turn(from, pixels * wide, shuffle(place), to, at);
      return;
    }
    int[] sources = new int[results];
    for (int o = 0; o < results; o++) {
      sources[o] = source(o, place);
    }
    for (int p = 0; p < pixels; p++) {
      gather(from, p * wide, sources, to, at + p * resultsWide);
    }
  }

  private VectorShuffle<Float> shuffle(int place) {
    return VectorShuffle.fromOp(FLOATS, lane -> source(lane, place));
  }

  private static void turn(float[] from, int count, VectorShuffle<Float> by, float[] to, int at) {
    for (int i = 0; i < count; i += Lanes.COUNT) {
      fromArray(FLOATS, from, i).rearrange(by).intoArray(to, at + i);
    }
  }

  private static void gather(float[] from, int at, int[] sources, float[] to, int toAt) {
    for (int o = 0; o < sources.length; o++) {
      to[toAt + o] = from[at + sources[o]];
    }
  }
}
