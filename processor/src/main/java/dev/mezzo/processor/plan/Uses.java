package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import java.util.List;

/**
 * Which fields the generated code reads besides weights and sub-layers.
 *
 * @param half the 16-bit type
 * @param model the user's object
 */
record Uses(boolean half, boolean model) {
  static Uses of(List<FunctionPlan> functions) {
    Uses uses = new Uses(false, false);
    for (FunctionPlan function : functions) {
      uses = uses.and(function.forward());
      if (function.backward().isPresent()) {
        uses = uses.and(function.backward().get().steps());
      }
    }
    return uses;
  }

  private Uses and(List<Step> steps) {
    Uses uses = this;
    for (Step step : steps) {
      uses = uses.and(step);
      for (List<Step> way : step.within()) {
        uses = uses.and(way);
      }
    }
    return uses;
  }

  private Uses and(Step step) {
    return switch (step) {
      case Step.Local local -> code(local.local().value());
      case Step.Change change -> code(change.code());
      case Step.Effect effect -> code(effect.code());
      case Step.Named named -> code(named.plain());
      case Step.Compute compute -> inputs(compute.expression().reads());
      case Step.Finish finish -> inputs(finish.expression().reads());
      case Step.Run run -> inputs(run.expression().reads());
      case Step.Accumulate accumulate ->
          inputs(accumulate.gradient().reads()).inputs(accumulate.element().stream().toList());
      case Step.Plus plus -> inputs(plus.gradient().reads());
      case Step.Branch branch -> inputs(List.of(branch.condition()));
      case Step.Loop loop -> inputs(loop.header().inputs());
      default -> this;
    };
  }

  private Uses inputs(List<Input> inputs) {
    Uses uses = this;
    for (Input input : inputs) {
      switch (input) {
        case Input.Type(Precision precision) ->
            uses = new Uses(uses.half || precision == Precision.HALF, uses.model);
        case Input.Code(var plain) -> uses = uses.code(plain);
        default -> {}
      }
    }
    return uses;
  }

  private Uses code(Argument.Plain plain) {
    return new Uses(half, model || plain.readsModel());
  }
}
