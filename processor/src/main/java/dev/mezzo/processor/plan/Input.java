package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.Value;
import java.util.List;
import java.util.Optional;

/** What a call of the generated code is given. */
public sealed interface Input {

  /** A tensor, or any variable that the plan has made: {@code h}. */
  record Variable(Value value) implements Input {}

  /**
   * {@code weight.half()}, {@code weight.full()}.
   *
   * @param element of a field that holds several, the index or key: {@code gains.get(i).half()}
   */
  record OfParameter(ParameterModel parameter, Optional<Input> element, Precision precision)
      implements Input {
    OfParameter(ParameterModel parameter, Precision precision) {
      this(parameter, Optional.empty(), precision);
    }
  }

  /** {@code GradientSum.of(dx1)}: given up, where the gradient is added to it. */
  record Sum(Value soFar) implements Input {}

  /** {@code GradientSum.none()}: there is none yet. */
  record NoSum() implements Input {}

  /**
   * {@code weight.sum()}, likewise.
   *
   * @param element of a field that holds several, the index or key: {@code gains.get(i).sum()}
   */
  record SumOf(ParameterModel parameter, Optional<Input> element) implements Input {}

  /** {@code transpose(weight.sum())}: the same through a view of the parameter. */
  record ViewOfSum(Expression.Operation view) implements Input {}

  /** {@code x.layout()}, {@code bias.half().layout()}. */
  record LayoutOf(Input tensor) implements Input {}

  /**
   * {@code dParts.filled(partsLayouts)}: the gradients of all elements, zeros where nothing has
   * read one.
   */
  record Filled(Value array, Input layouts) implements Input {}

  /** Plain Java. */
  record Code(Argument.Plain plain) implements Input {}

  /**
   * {@code tape}.
   *
   * @param unsaved {@code tape.unsaved()}: no gradient will ask for what the callee saves
   */
  record Tape(boolean unsaved) implements Input {}

  /** {@code dState}: an array itself, not its elements. */
  record Whole(Value array) implements Input {}

  /** {@code tape.again(draws)}: of what runs again in backward. */
  record Again(Value draws) implements Input {}

  /** {@code tape}, on which backward finds what has just run again. */
  record Refilled() implements Input {}

  /** {@code half}, {@code DType.FP32}. */
  record Type(Precision precision) implements Input {}

  /** {@code true}, {@code false}, {@code wantDx}. */
  record Wanted(Need need) implements Input {}

  /**
   * {@code H.finish(residual)}: what is done to a result before it is rounded.
   *
   * @param variable that holds it, where something else than the call reads it, too
   */
  record Finish(Expression.Fused expression, Optional<Value> variable) implements Input {}

  /** {@code finish}: what the caller does to the result before it is rounded. */
  record Handed(String name) implements Input {}

  /** {@code null}: a gradient that is not there, and not read. */
  record Nothing() implements Input {}

  /** Adds itself, and what is within it. */
  default void addTo(List<Input> all) {
    all.add(this);
    switch (this) {
      case OfParameter parameter -> parameter.element().ifPresent(all::add);
      case SumOf sum -> sum.element().ifPresent(all::add);
      case ViewOfSum(var view) -> view.inputs().forEach(input -> input.addTo(all));
      case LayoutOf layout -> layout.tensor().addTo(all);
      case Finish finish -> all.addAll(finish.expression().reads());
      default -> {}
    }
  }
}
