package dev.mezzo.processor.model;

import dev.mezzo.processor.dims.ShapeRule;
import dev.mezzo.processor.fuse.Element;
import dev.mezzo.processor.range.Formula;
import java.util.List;
import java.util.Optional;

/**
 * What an operation says of its results, for checks at compile time.
 *
 * @param shape how the result's shape follows from the operands'
 * @param range between which numbers the result's elements lie
 * @param fuse how an element of the result is computed, where the operation may be computed in one
 *     pass with others
 * @param replacements forms in which it is the outermost call, and what is better
 */
public record OperationRules(
    Optional<ShapeRule> shape,
    Optional<Formula> range,
    Optional<Element> fuse,
    List<Replacement> replacements) {

  /** Nothing is said. */
  public static OperationRules none() {
    return new OperationRules(Optional.empty(), Optional.empty(), Optional.empty(), List.of());
  }
}
