package dev.mezzo.processor.check;

import dev.mezzo.processor.model.FieldDeclaration.Kind;
import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.Optional;
import java.util.stream.Stream;

/** A parameter is read by the entry, or by a method that it calls. */
final class UnusedParameterRule implements DeclarationRule {

  @Override
  public Stream<Problem> check(LayerDeclaration layer) {
    Optional<String> entry = entry(layer);
    if (entry.isEmpty()) {
      return Stream.empty();
    }
    return layer.fields().stream()
        .filter(field -> field.kind() == Kind.PARAMETER && field.reads().isEmpty())
        .map(field -> Catalogue.UNUSED_PARAMETER.at(field.position(), field.name(), entry.get()));
  }

  private static Optional<String> entry(LayerDeclaration layer) {
    if (layer.loss().isPresent()
        && (layer.lossScaling().isPresent() || layer.forward().isEmpty())) {
      return Optional.of("loss");
    }
    return layer.forward().map(_ -> "forward");
  }
}
