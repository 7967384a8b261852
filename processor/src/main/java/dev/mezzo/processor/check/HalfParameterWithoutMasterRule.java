package dev.mezzo.processor.check;

import dev.mezzo.processor.model.FieldDeclaration.Kind;
import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.stream.Stream;

/** A parameter of a half layer has a master copy. */
final class HalfParameterWithoutMasterRule implements DeclarationRule {

  @Override
  public Stream<Problem> check(LayerDeclaration layer) {
    if (!layer.half() || layer.master()) {
      return Stream.empty();
    }
    return layer.fields().stream()
        .filter(field -> field.kind() == Kind.PARAMETER && !field.master())
        .map(
            field ->
                Catalogue.HALF_PARAMETER_WITHOUT_MASTER.at(
                    field.position(), field.name(), layer.type().name()));
  }
}
