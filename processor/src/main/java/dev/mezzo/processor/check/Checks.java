package dev.mezzo.processor.check;

import static java.util.Objects.requireNonNull;

import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.options.Format;
import dev.mezzo.processor.plan.LayerPlan;
import dev.mezzo.processor.plan.PrecisionPlan;
import dev.mezzo.processor.problem.Problem;
import dev.mezzo.processor.shape.LayerShapes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  private static final List<NumericRule> NUMERIC_RULES =
      List.of(
          new LiteralOutOfRangeRule(),
          new LiteralNotRepresentableRule(Format.FP16),
          new EpsilonVanishesRule(),
          new UnstableFormRule(),
          new OverflowRule(),
          new DivisorUnderflowRule());

  /** BF16 has FP32's range: only what loses digits is left. */
  private static final List<NumericRule> RULES_OF_BF16 =
      List.of(new LiteralNotRepresentableRule(Format.BF16), new UnstableFormRule());

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

  /**
   * What is wrong with a layer that is planned, and whose shapes are found.
   *
   * @param formats the 16-bit formats that it will be trained in
   */
  public static List<Problem> check(
      LayerModel layer, LayerPlan plan, LayerShapes shapes, Set<Format> formats) {
    return numbers(layer, plan.precisions(), shapes, formats).toList();
  }

  private static Stream<Problem> numbers(
      LayerModel layer, PrecisionPlan precisions, LayerShapes shapes, Set<Format> formats) {
    List<NumericRule> rules = formats.contains(Format.FP16) ? NUMERIC_RULES : RULES_OF_BF16;
    Map<String, Dataflow> functions = new LinkedHashMap<>();
    layer.functions().stream()
        .filter(function -> precisions.functions().containsKey(function.name()))
        .forEach(
            function ->
                functions.put(
                    function.name(),
                    new Dataflow(
                        function,
                        precisions.of(function.name()),
                        shapes.values().getOrDefault(function.name(), Map.of()),
                        name -> requireNonNull(functions.get(name)))));
    return functions.values().stream()
        .flatMap(function -> rules.stream().flatMap(rule -> rule.check(function)));
  }
}
