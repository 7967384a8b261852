package dev.mezzo.processor.check;

import dev.mezzo.processor.model.FieldDeclaration.Kind;
import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.stream.Stream;

/** Only a parameter has a master copy. */
final class MasterOnNonParameterRule implements DeclarationRule {

  @Override
  public Stream<Problem> check(LayerDeclaration layer) {
    return layer.fields().stream()
        .filter(field -> field.master() && field.kind() != Kind.PARAMETER)
        .map(
            field ->
                Catalogue.MASTER_ON_NON_PARAMETER.at(
                    field.masterPosition(), field.name(), field.type()));
  }
}
