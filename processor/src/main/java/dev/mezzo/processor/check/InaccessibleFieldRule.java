package dev.mezzo.processor.check;

import dev.mezzo.processor.model.FieldDeclaration.Kind;
import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.stream.Stream;

/** What forward reads, the generated class can read. */
final class InaccessibleFieldRule implements DeclarationRule {

  @Override
  public Stream<Problem> check(LayerDeclaration layer) {
    return layer.fields().stream()
        .filter(field -> field.isPrivate() && !field.reads().isEmpty())
        .filter(field -> field.kind() != Kind.TENSOR)
        .map(
            field ->
                Catalogue.INACCESSIBLE_FIELD.at(
                    field.position(),
                    noun(field.kind()),
                    field.name(),
                    layer.type().mixed().name()));
  }

  private static String noun(Kind kind) {
    return switch (kind) {
      case PARAMETER -> "parameter";
      case SUB_LAYER, UNANNOTATED_LAYER -> "sub-layer";
      case STATE -> "state";
      case TENSOR, PLAIN -> "field";
    };
  }
}
