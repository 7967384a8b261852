package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which fields the generated code reads besides weights and sub-layers.
 *
 * @param half the 16-bit type
 * @param model the user's object
 */
record Uses(boolean half, boolean model) {
  static Uses of(List<FunctionPlan> functions) {
    List<Step> steps =
        functions.stream()
            .flatMap(
                function ->
                    Stream.concat(
                        function.forward().stream(),
                        function.backward().stream().flatMap(b -> b.steps().stream())))
            .flatMap(Step::all)
            .toList();
    return new Uses(
        steps.stream().anyMatch(step -> inputs(step).anyMatch(Uses::isHalf)),
        steps.stream().flatMap(Uses::code).anyMatch(Argument.Plain::readsModel));
  }

  private static Stream<Input> inputs(Step step) {
    return switch (step) {
      case Step.Compute compute -> compute.expression().reads();
      case Step.Finish finish -> finish.expression().reads();
      case Step.Run run -> run.expression().reads();
      case Step.Accumulate accumulate ->
          Stream.concat(accumulate.gradient().reads(), accumulate.element().stream());
      case Step.Plus plus -> plus.gradient().reads();
      case Step.Branch branch -> Stream.of(branch.condition());
      case Step.Loop loop -> loop.header().inputs().stream();
      default -> Stream.of();
    };
  }

  private static boolean isHalf(Input input) {
    return input.equals(new Input.Type(Precision.HALF));
  }

  private static Stream<Argument.Plain> code(Step step) {
    return switch (step) {
      case Step.Local local -> Stream.of(local.local().value());
      case Step.Change change -> Stream.of(change.code());
      case Step.Named named -> Stream.of(named.plain());
      default ->
          inputs(step)
              .flatMap(
                  input -> input instanceof Input.Code(var plain) ? Stream.of(plain) : Stream.of());
    };
  }
}
