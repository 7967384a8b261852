package dev.mezzo.layers;

import dev.mezzo.types.Convolution;

/**
 * How many channels of a group meet in a convolution.
 *
 * @param in channels that a result reads
 * @param out channels that an input reaches
 */
record Fan(int in, int out) {

  /** Checks that the groups divide the channels. */
  static Fan of(String layer, int inChannels, int outChannels, Convolution geometry) {
    int groups = geometry.groups();
    boolean divides =
        inChannels >= 1
            && outChannels >= 1
            && inChannels % groups == 0
            && outChannels % groups == 0;
    if (!divides) {
      throw new IllegalArgumentException(
          "%s needs channels in and out that %d groups divide, but has %d and %d"
              .formatted(layer, groups, inChannels, outChannels));
    }
    return new Fan(inChannels / groups, outChannels / groups);
  }

  /** 1/√(inputs of a result). */
  float bound(int pixels) {
    return (float) (1 / Math.sqrt((double) in * pixels));
  }

  /** What PyTorch takes for a transposed convolution: 1/√(outChannels of a group·pixels). */
  float transposedBound(int pixels) {
    return (float) (1 / Math.sqrt((double) out * pixels));
  }
}
