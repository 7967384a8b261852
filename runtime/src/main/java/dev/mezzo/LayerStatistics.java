package dev.mezzo;

import java.util.List;

/**
 * A layer's values in one or more steps, without those of its sub-layers.
 *
 * @param path in the model, as in {@code net.first}, {@code net.blocks.0}; of a layer that is in
 *     several places of the model, and there in a list, {@code net.blocks.*}; empty of the model
 *     itself
 * @param type the layer's class, by its simple name
 * @param lines that lead to the layer, the outermost first: {@code Classifier.java:16}, {@code
 *     Mlp.java:24}; empty of the model itself
 * @param activations what its operations computed in forward, in the 16-bit format
 * @param activationGradients what they computed in backward, but for weights: as it is, scaled
 */
public record LayerStatistics(
    String path,
    String type,
    List<String> lines,
    ExponentHistogram activations,
    ExponentHistogram activationGradients) {

  /** Copies the list. */
  public LayerStatistics {
    lines = List.copyOf(lines);
  }

  /** The same layer in both steps: all values of both. */
  public LayerStatistics plus(LayerStatistics other) {
    return new LayerStatistics(
        path,
        type,
        lines,
        activations.plus(other.activations),
        activationGradients.plus(other.activationGradients));
  }

  /** As in {@code Linear net.first}. */
  @Override
  public String toString() {
    return path.isEmpty() ? type : type + " " + path;
  }
}
