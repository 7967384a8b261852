package dev.mezzo;

import org.jspecify.annotations.Nullable;

/**
 * Where a step's gradients ceased to be finite: the first weight, in the order of backward, whose
 * gradient holds NaN or ±Inf.
 *
 * @param layer path of the layer, as in {@code net.hidden}; empty for the training class itself
 * @param parameter its field, as in {@code weight}
 * @param source line and operation whose gradient it was, as in {@code Linear.java:31 linear}
 * @param origin the operation that the values came from; null where it is not known
 * @param unknown why it is not; empty where it is
 */
public record Overflow(
    String layer, String parameter, String source, @Nullable Origin origin, String unknown) {

  /** {@link TrainingBuilder#traceOverflows} is off. */
  static final String NOT_TRACED = "traceOverflows is off";

  /** Of a step that was not waited for. */
  static final String READ_LATE =
      "another step had begun before the result was read; step(…) looks at once";

  /** Of a training class that was not generated, or whose pass is another the second time. */
  static final String NOT_FOUND = "not found when the step was run again";

  /** The same with its origin. */
  Overflow from(Origin found) {
    return new Overflow(layer, parameter, source, found, "");
  }

  /**
   * As in {@code Linear.java:31 linear, grad of net.hidden.weight; first not finite: exp in forward
   * at Mlp.java:24, from Classifier.java:13}.
   */
  @Override
  public String toString() {
    String where = source + ", grad of " + (layer.isEmpty() ? parameter : layer + "." + parameter);
    return where
        + (origin == null ? "; origin unknown: " + unknown : "; first not finite: " + origin);
  }
}
