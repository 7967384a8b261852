package dev.mezzo.backend;

/**
 * Images brought to another size: x (batch, height, width, channels), y (batch, outHeight,
 * outWidth, channels). Along each axis, with n pixels of x and m of y, pixel i of y stands at s in
 * x as the mode says. No size is 0 unless the batch or the channels are.
 */
public record Resampling(
    int batch, int height, int width, int channels, int outHeight, int outWidth, Mode mode) {

  /** Where a pixel of y stands in x, and what it is made of. */
  public enum Mode {
    /** {@code s = ⌊i·n/m⌋}: that pixel. */
    NEAREST,
    /**
     * {@code s = max((i + ½)·n/m − ½, 0)}, pixels being areas: pixels ⌊s⌋ and ⌊s⌋ + 1 (at most n −
     * 1), weighted by their nearness.
     */
    BILINEAR,
    /** As BILINEAR with {@code s = i·(n − 1)/(m − 1)}, pixels being points; 0 if m is 1. */
    BILINEAR_CORNERS
  }
}
