package dev.mezzo;

import dev.mezzo.backend.FusedProgram;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * An operation that an expression in one pass is made of.
 *
 * @param operation its method
 * @param number of its line in the model
 */
record ExpressionPart(String operation, String number) {

  private static final String MARK = "\\[[^]]*]";

  /**
   * What computes a value of a program.
   *
   * @param marked the formulas of a generated class with their operations, as {@link
   *     dev.mezzo.annotations.SourceLines#expressions} has them
   * @param program of one of these, or of some of its results, perhaps added to what was before
   */
  static Optional<ExpressionPart> of(List<String> marked, FusedProgram program, int value) {
    String wanted = text(program, value);
    for (String formula : marked) {
      FusedFormula.Parsed parsed = FusedFormula.parse(formula);
      if (parsed.program().formula().replaceAll(MARK, "").equals(program.formula())) {
        for (Map.Entry<Integer, String> mark : parsed.marks().entrySet()) {
          if (text(parsed.program(), mark.getKey()).equals(wanted)) {
            String[] words = mark.getValue().split(" ", 2);
            return Optional.of(new ExpressionPart(words[0], words[1]));
          }
        }
      }
    }
    return Optional.empty();
  }

  /** {@code Mlp.java:24} in place of {@code Mlp.java:24,25}. */
  String line(String all) {
    return all.substring(0, all.lastIndexOf(':') + 1) + number;
  }

  /** How a value is computed from operands, whatever its number and those in it. */
  private static String text(FusedProgram program, int value) {
    if (value < program.operands()) {
      return "#" + value;
    }
    FusedProgram.Operation operation = program.operations().get(value - program.operands());
    return name(operation)
        + operation.reads().stream()
            .map(read -> text(program, read))
            .collect(Collectors.joining(", ", "(", ")"));
  }

  private static String name(FusedProgram.Operation operation) {
    return switch (operation) {
      case FusedProgram.Constant _ -> "number";
      case FusedProgram.Scaled _ -> "scaled";
      case FusedProgram.OfOne(var function, int _) -> function.function().name();
      case FusedProgram.GradientOfOne(var function, int _, int _) ->
          function.function().name() + "'";
      case FusedProgram.OfTwo(var function, int _, int _) -> function.name();
      case FusedProgram.OfThree(var function, int _, int _, int _) -> function.name();
    };
  }
}
