package dev.mezzo;

import org.jspecify.annotations.Nullable;

/**
 * Where a step's gradients ceased to be finite: the first weight, in the order of backward, whose
 * gradient holds NaN or ±Inf.
 *
 * @param layer path of the layer, as in {@code net.hidden}; empty for the training class itself
 * @param parameter its field, as in {@code weight}
 * @param source line and operation whose gradient it was, as in {@code Linear.java:31 linear}
 * @param origin the operation that the values came from; null where {@link
 *     TrainingBuilder#traceOverflows} is off, or where the step, run again, stays finite
 */
public record Overflow(String layer, String parameter, String source, @Nullable Origin origin) {

  /**
   * As in {@code Linear.java:31 linear, grad of net.hidden.weight; first not finite: exp in forward
   * at Mlp.java:24, from Classifier.java:13}.
   */
  @Override
  public String toString() {
    String where = source + ", grad of " + (layer.isEmpty() ? parameter : layer + "." + parameter);
    return origin == null ? where : where + "; first not finite: " + origin;
  }
}
