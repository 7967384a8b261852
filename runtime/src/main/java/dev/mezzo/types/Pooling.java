package dev.mezzo.types;

/**
 * The window of a pooling and how it moves. Immutable; {@link #of(int)} is a window whose steps are
 * its own size, methods that begin with "with" change one thing.
 *
 * <p>Result pixel i of a dimension is made of pixels {@code i·stride − padding + k} for each k of
 * the window; results are as many as windows fit.
 *
 * @param height at least 1
 * @param width at least 1
 * @param strideHeight at least 1
 * @param strideWidth at least 1
 * @param paddingHeight on both sides, at most half of the height
 * @param paddingWidth on both sides, at most half of the width
 */
public record Pooling(
    int height, int width, int strideHeight, int strideWidth, int paddingHeight, int paddingWidth) {

  /** Checks the ranges. */
  public Pooling {
    if (height < 1 || width < 1 || strideHeight < 1 || strideWidth < 1) {
      throw new IllegalArgumentException(
          "a pooling's window and stride must be at least 1, but are %d by %d and %d by %d"
              .formatted(height, width, strideHeight, strideWidth));
    }
    boolean fits =
        paddingHeight >= 0
            && paddingWidth >= 0
            && 2 * paddingHeight <= height
            && 2 * paddingWidth <= width;
    if (!fits) {
      throw new IllegalArgumentException(
          "a pooling's padding must be 0 to half the window, but is %d by %d of %d by %d"
              .formatted(paddingHeight, paddingWidth, height, width));
    }
  }

  /** A square that moves by its side, without padding. */
  public static Pooling of(int size) {
    return of(size, size);
  }

  /** A window that moves by its own size, without padding. */
  public static Pooling of(int height, int width) {
    return new Pooling(height, width, height, width, 0, 0);
  }

  /** The same with another stride. */
  public Pooling withStride(int stride) {
    return withStride(stride, stride);
  }

  /** The same with other strides. */
  public Pooling withStride(int down, int across) {
    return new Pooling(height, width, down, across, paddingHeight, paddingWidth);
  }

  /** The same with another padding. */
  public Pooling withPadding(int padding) {
    return withPadding(padding, padding);
  }

  /** The same with other paddings. */
  public Pooling withPadding(int down, int across) {
    return new Pooling(height, width, strideHeight, strideWidth, down, across);
  }
}
