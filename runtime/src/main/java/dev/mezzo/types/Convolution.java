package dev.mezzo.types;

/**
 * How a convolution's window moves: everything but the sizes, which are its operands'. Immutable;
 * the factory is {@link #of}, the {@code with} methods change one thing.
 *
 * <p>Output pixel i of a dimension reads input pixels {@code i·stride − padding + k·dilation} for
 * each k of the kernel; those outside the image are 0. One-dimensional convolutions use the width's
 * numbers.
 *
 * @param strideHeight at least 1
 * @param strideWidth at least 1
 * @param paddingHeight zeros on both sides, at least 0
 * @param paddingWidth zeros on both sides, at least 0
 * @param dilationHeight at least 1
 * @param dilationWidth at least 1
 * @param groups of channels, each convolved by itself; at least 1
 */
public record Convolution(
    int strideHeight,
    int strideWidth,
    int paddingHeight,
    int paddingWidth,
    int dilationHeight,
    int dilationWidth,
    int groups) {

  private static final Convolution PLAIN = new Convolution(1, 1, 0, 0, 1, 1, 1);

  /** Checks the ranges. */
  public Convolution {
    atLeast(1, "stride", strideHeight, strideWidth);
    atLeast(0, "padding", paddingHeight, paddingWidth);
    atLeast(1, "dilation", dilationHeight, dilationWidth);
    atLeast(1, "groups", groups, groups);
  }

  /**
   * How many of a layer's channels a group has.
   *
   * @param channels at least 1, a multiple of the groups; else an IllegalArgumentException
   */
  public int perGroup(int channels) {
    if (channels < 1 || channels % groups != 0) {
      throw new IllegalArgumentException(
          "a convolution of %d groups cannot have %d channels: groups must divide them"
              .formatted(groups, channels));
    }
    return channels / groups;
  }

  /** Stride 1, no padding, dilation 1, one group. */
  public static Convolution of() {
    return PLAIN;
  }

  /** The same with another stride. */
  public Convolution withStride(int stride) {
    return withStride(stride, stride);
  }

  /** The same with other strides. */
  public Convolution withStride(int height, int width) {
    return new Convolution(
        height, width, paddingHeight, paddingWidth, dilationHeight, dilationWidth, groups);
  }

  /** The same with another padding. */
  public Convolution withPadding(int padding) {
    return withPadding(padding, padding);
  }

  /** The same with other paddings. */
  public Convolution withPadding(int height, int width) {
    return new Convolution(
        strideHeight, strideWidth, height, width, dilationHeight, dilationWidth, groups);
  }

  /** The same with another dilation. */
  public Convolution withDilation(int dilation) {
    return withDilation(dilation, dilation);
  }

  /** The same with other dilations. */
  public Convolution withDilation(int height, int width) {
    return new Convolution(
        strideHeight, strideWidth, paddingHeight, paddingWidth, height, width, groups);
  }

  /** The same with another number of groups. */
  public Convolution withGroups(int number) {
    return new Convolution(
        strideHeight,
        strideWidth,
        paddingHeight,
        paddingWidth,
        dilationHeight,
        dilationWidth,
        number);
  }

  /** Along the width alone, as a one-dimensional convolution moves. */
  public Convolution flat() {
    return new Convolution(1, strideWidth, 0, paddingWidth, 1, dilationWidth, groups);
  }

  private static void atLeast(int least, String what, int height, int width) {
    if (height < least || width < least) {
      throw new IllegalArgumentException(
          "a convolution's "
              + what
              + " must be at least "
              + least
              + ", but is "
              + Math.min(height, width));
    }
  }
}
