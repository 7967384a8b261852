package dev.mezzo;

import org.jspecify.annotations.Nullable;

/**
 * A weight of an open training, for reports and tests: to be read, not written. Reading waits for
 * the device.
 */
public final class WeightView {

  private final TrainedParameter state;
  private final float scale;

  WeightView(TrainedParameter state, float scale) {
    this.state = state;
    this.scale = scale;
  }

  /** Where in the model, as in {@code net.hidden.weight}. */
  public String path() {
    return state.path();
  }

  /** What the optimizer updates: the FP32 master, or the 16-bit values, widened. Row-major. */
  public float[] values() {
    return state.master().toFloats();
  }

  /** What forward and backward read, widened. */
  public float[] halfValues() {
    return state.half().toFloats();
  }

  /**
   * The last step's gradient as backward made it: scaled, in its own precision. Borrowed until the
   * next step begins.
   */
  public @Nullable Tensor scaledGradient() {
    return state.gradient();
  }

  /**
   * The last step's gradient divided by its loss scale, in FP32, not clipped; null where backward
   * did not reach it.
   */
  public float @Nullable [] gradient() {
    Tensor scaled = state.gradient();
    if (scaled == null) {
      return null;
    }
    float[] values = scaled.toFloats();
    for (int i = 0; i < values.length; i++) {
      values[i] /= scale;
    }
    return values;
  }

  /**
   * The exponents of the last step's gradient divided by its loss scale; empty where backward did
   * not reach it.
   */
  public ExponentHistogram gradientExponents() {
    Tensor scaled = state.gradient();
    return scaled == null ? ExponentHistogram.empty() : ExponentHistogram.of(scaled, 1 / scale);
  }

  @Override
  public String toString() {
    return path();
  }
}
