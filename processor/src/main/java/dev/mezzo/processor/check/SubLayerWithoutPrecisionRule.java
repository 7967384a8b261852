package dev.mezzo.processor.check;

import dev.mezzo.processor.model.FieldDeclaration.Kind;
import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.stream.Stream;

/** A sub-layer that forward reads is compiled by Mezzo too. */
final class SubLayerWithoutPrecisionRule implements DeclarationRule {

  @Override
  public Stream<Problem> check(LayerDeclaration layer) {
    return layer.fields().stream()
        .filter(field -> field.kind() == Kind.UNANNOTATED_LAYER && !field.reads().isEmpty())
        .map(
            field ->
                Catalogue.SUB_LAYER_WITHOUT_PRECISION.at(
                    field.typePosition(), field.name(), field.type()));
  }
}
