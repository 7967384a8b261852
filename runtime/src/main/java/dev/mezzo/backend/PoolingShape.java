package dev.mezzo.backend;

import dev.mezzo.types.Pooling;

/**
 * Sizes of a pooling: x (batch, height, width, channels), y (batch, outHeight, outWidth, channels).
 */
public record PoolingShape(int batch, int height, int width, int channels, Pooling window) {

  /** Rows of y. */
  public int outHeight() {
    return length(height, window.height(), window.strideHeight(), window.paddingHeight());
  }

  /** Columns of y. */
  public int outWidth() {
    return length(width, window.width(), window.strideWidth(), window.paddingWidth());
  }

  private static int length(int in, int size, int stride, int padding) {
    return Math.max(0, Math.floorDiv(in + 2 * padding - size, stride) + 1);
  }
}
