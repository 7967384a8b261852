package dev.mezzo.processor.model;

import java.util.Optional;

/**
 * The layer that a call means.
 *
 * @param element of a field that holds several, the index or key: {@code i} in {@code
 *     blocks.get(i)}
 */
public record LayerReference(SubLayerModel field, Optional<Argument.Plain> element) {

  /** The field's name. */
  public String name() {
    return field.name();
  }
}
