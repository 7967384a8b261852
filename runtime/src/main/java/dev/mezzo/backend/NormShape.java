package dev.mezzo.backend;

/**
 * A normalization of x (images, pixels, channels), whose channels are in equal groups: each group
 * of each image has a mean and a variance. A batch norm is one image with a group for each channel.
 *
 * @param groups divides the channels
 * @param epsilon added to variances
 */
public record NormShape(int images, int pixels, int channels, int groups, float epsilon) {

  /** Numbers that a mean is of. */
  public long count() {
    return (long) pixels * (channels / groups);
  }
}
