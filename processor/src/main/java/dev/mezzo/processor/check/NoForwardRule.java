package dev.mezzo.processor.check;

import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.stream.Stream;

/** A class annotated with {@code @Half} or {@code @Full} has a forward method, or a loss method. */
final class NoForwardRule implements DeclarationRule {

  @Override
  public Stream<Problem> check(LayerDeclaration layer) {
    boolean annotated = layer.half() || layer.full();
    if (!annotated
        || layer.lossScaling().isPresent()
        || layer.forward().isPresent()
        || layer.loss().isPresent()) {
      return Stream.empty();
    }
    String annotation = layer.half() ? "Half" : "Full";
    return Stream.of(
        Catalogue.NO_FORWARD.at(layer.position(), layer.type().name(), annotation, annotation));
  }
}
