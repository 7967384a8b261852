package dev.mezzo.processor.check;

import dev.mezzo.processor.model.FieldDeclaration;
import dev.mezzo.processor.model.FieldDeclaration.Kind;
import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.stream.Stream;

/** Parameters, states and sub-layers stay the objects that the mixed form was made with. */
final class ReassignedParameterRule implements DeclarationRule {

  @Override
  public Stream<Problem> check(LayerDeclaration layer) {
    return layer.fields().stream().flatMap(field -> check(layer, field));
  }

  private static Stream<Problem> check(LayerDeclaration layer, FieldDeclaration field) {
    boolean held = field.kind() == Kind.PARAMETER || field.kind() == Kind.STATE;
    if (!held && field.kind() != Kind.SUB_LAYER) {
      return Stream.empty();
    }
    if (!field.writes().isEmpty()) {
      return field.writes().stream()
          .map(write -> problem(layer, field, write, "is assigned", "copy into it instead"));
    }
    return held && !field.isFinal()
        ? Stream.of(problem(layer, field, field.position(), "is not final", "make it final"))
        : Stream.empty();
  }

  private static String noun(Kind kind) {
    return switch (kind) {
      case PARAMETER -> "parameter";
      case STATE -> "state";
      default -> "sub-layer";
    };
  }

  private static Problem problem(
      LayerDeclaration layer,
      FieldDeclaration field,
      SourcePosition position,
      String found,
      String cure) {
    return Catalogue.REASSIGNED_PARAMETER.at(
        position, noun(field.kind()), field.name(), layer.type().name(), found, cure);
  }
}
