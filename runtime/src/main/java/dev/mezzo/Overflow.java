package dev.mezzo;

/**
 * Where a step's gradients ceased to be finite: the first weight, in the order of backward, whose
 * gradient holds NaN or ±Inf.
 *
 * @param layer path of the layer, as in {@code net.hidden}; empty for the training class itself
 * @param parameter its field, as in {@code weight}
 * @param source line and operation whose gradient it was, as in {@code Linear.java:31 linear}
 */
public record Overflow(String layer, String parameter, String source) {

  /** As in {@code Linear.java:31 linear, grad of net.hidden.weight}. */
  @Override
  public String toString() {
    return source + ", grad of " + (layer.isEmpty() ? parameter : layer + "." + parameter);
  }
}
