package dev.mezzo.processor.check;

import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.plan.LayerPlan;
import dev.mezzo.processor.plan.PrecisionPlan;
import dev.mezzo.processor.problem.Problem;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** All rules. */
public final class Checks {
  private static final List<DeclarationRule> DECLARATION_RULES =
      List.of(
          new NoForwardRule(),
          new HalfAndFullRule(),
          new MasterOnNonParameterRule(),
          new HalfParameterWithoutMasterRule(),
          new UnusedParameterRule(),
          new ReassignedParameterRule(),
          new InaccessibleFieldRule(),
          new SubLayerWithoutPrecisionRule(),
          new LossScaledWithoutLossRule(),
          new LossScaleMemberRule(),
          new HalfWithoutLossScaledRule());

  private Checks() {}

  /** What is wrong with a class as it is declared. */
  public static List<Problem> check(LayerDeclaration layer) {
    return DECLARATION_RULES.stream().flatMap(rule -> rule.check(layer)).toList();
  }

  /** What is wrong with a layer whose methods could be read. */
  public static List<Problem> check(LayerModel layer) {
    return LossNotScalarRule.check(layer).toList();
  }

  /** What is wrong with a layer beside others, whose interfaces are known. */
  public static List<Problem> check(
      LayerModel layer, Function<ClassName, LayerInterface> interfaces) {
    return AmbiguousBorderRule.check(layer, interfaces).toList();
  }

  /** What is wrong with a layer that is planned. */
  public static List<Problem> check(LayerModel layer, LayerPlan plan) {
    return Stream.concat(
            InputWithoutGradientRule.check(layer, plan.signature()),
            literals(layer, plan.precisions()))
        .toList();
  }

  private static Stream<Problem> literals(LayerModel layer, PrecisionPlan precisions) {
    return layer.functions().stream()
        .flatMap(function -> LiteralOutOfRangeRule.check(function, precisions.of(function.name())));
  }
}
