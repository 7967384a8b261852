package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.OperationResult;
import dev.mezzo.processor.model.SubLayerModel;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A call in the generated code. */
public sealed interface Expression {

  /** In the order of the callee's parameters. */
  List<Input> inputs();

  /** A call whose result may be added to the sum of other gradients, in the sum's memory. */
  sealed interface Gradient extends Expression {

    /** The call that is given that sum. */
    Gradient addedTo(Input sum);
  }

  /** {@code relu(h)}, {@code reluGradient(dy, y)}, {@code cast(h, half)}: a static method. */
  record Operation(ClassName owner, String name, List<Input> inputs) implements Gradient {

    /** The overload that takes the sum in front. */
    @Override
    public Operation addedTo(Input sum) {
      return new Operation(owner, name, Stream.concat(Stream.of(sum), inputs.stream()).toList());
    }
  }

  /**
   * {@code GATED.on(gate, up).as(half)}, {@code GATED_GRADIENT.on(dy, gate, up).gradients(…)}: an
   * expression in one pass.
   *
   * @param constant the field that holds it
   * @param numbers {@code GATED.with(factor)}
   * @param type of the result; of gradients none, nor of what another operation's kernel computes
   * @param layouts of the operands whose gradients it computes
   * @param wanted of each of these, when it is wanted
   * @param sums what each of these is added to; empty for nothing
   * @param givenUp operands that nobody reads again: a result may be in their memory
   */
  record Fused(
      String constant,
      List<Input> numbers,
      List<Input> tensors,
      Optional<Input> type,
      List<Input> layouts,
      List<Need> wanted,
      List<Input> sums,
      List<Value> givenUp)
      implements Gradient {

    /** The same, with a result of that type. */
    Fused as(Input dtype) {
      return new Fused(
          constant, numbers, tensors, Optional.of(dtype), layouts, wanted, sums, givenUp);
    }

    /** The same, which takes over these operands. */
    Fused reusing(List<Value> dead) {
      return new Fused(constant, numbers, tensors, type, layouts, wanted, sums, dead);
    }

    /** The same, its gradients where these needs hold. */
    Fused wantedIf(List<Need> needs) {
      return new Fused(constant, numbers, tensors, type, layouts, needs, sums, givenUp);
    }

    /** The same, its gradients added to these sums, one for each. */
    Fused adding(List<Input> all) {
      boolean none = all.stream().allMatch(Input.NoSum.class::isInstance);
      return new Fused(
          constant, numbers, tensors, type, layouts, wanted, none ? List.of() : all, givenUp);
    }

    @Override
    public Fused addedTo(Input sum) {
      return adding(List.of(sum));
    }

    @Override
    public List<Input> inputs() {
      return Stream.of(numbers, tensors, type.stream().toList(), layouts, sums)
          .flatMap(List::stream)
          .toList();
    }
  }

  /**
   * {@code TensorArray.owning(moments(x), Moments::mean, Moments::variance)}: an operation that
   * returns a record of tensors.
   */
  record Components(Operation call, OperationResult.OfRecord result) implements Expression {
    @Override
    public List<Input> inputs() {
      return call.inputs();
    }
  }

  /** {@code hidden.forward(tape, x)}. */
  record LayerForward(Receiver layer, List<Input> inputs) implements Expression {}

  /** {@code hidden.backward(tape, dh, wantDx)}. */
  record LayerBackward(Receiver layer, List<Input> inputs) implements Expression {}

  /**
   * The mixed form that a call is on: {@code hidden}, {@code blocks.get(i)}.
   *
   * @param element of a field that holds several, the index or key
   */
  record Receiver(SubLayerModel field, Optional<Input> element) {}

  /** {@code attend(tape, q, k)}: a helper of the user's. */
  record FunctionForward(String function, List<Input> inputs) implements Expression {}

  /** {@code attendBackward(tape, dy)}. */
  record FunctionBackward(String function, List<Input> inputs) implements Expression {}

  /** {@code dyInputs[1]}: one of the gradients that a backward has returned. */
  record Element(Value array, int index) implements Expression {
    @Override
    public List<Input> inputs() {
      return List.of(new Input.Variable(array));
    }
  }

  /** {@code new TensorArray(n)}, {@code TensorArray.of(a, b)}. */
  record NewArray(List<Input> inputs) implements Expression {}

  /** {@code steps.get(i)}, {@code dSteps.take(i, hLayout)}: a method of an array. */
  record OnArray(Value array, String method, List<Input> given) implements Expression {
    @Override
    public List<Input> inputs() {
      return Stream.concat(Stream.of(new Input.Variable(array)), given.stream()).toList();
    }
  }

  /**
   * {@code block.forward(tape.again(draws), x).close()}: a forward that runs for its tape alone.
   */
  record Rerun(Expression forward) implements Expression {
    @Override
    public List<Input> inputs() {
      return forward.reads();
    }
  }

  /**
   * The same tensor under another name: with one more owner, {@code x.retain()}, or, where the
   * variable is not used any more, with its owner moved, {@code x}.
   */
  record Share(Input input, boolean moved) implements Expression {
    Share(Value value) {
      this(new Input.Variable(value), false);
    }

    @Override
    public List<Input> inputs() {
      return List.of(input);
    }
  }

  /** Everything that it reads: the inputs, and what finds the receiver. */
  default List<Input> reads() {
    List<Input> reads = new ArrayList<>();
    inputs().forEach(input -> input.addTo(reads));
    switch (this) {
      case LayerForward call -> call.layer().element().ifPresent(e -> e.addTo(reads));
      case LayerBackward call -> call.layer().element().ifPresent(e -> e.addTo(reads));
      default -> {}
    }
    return reads;
  }

  /** The variables that must be alive for it. */
  default List<Value> uses() {
    List<Value> uses = new ArrayList<>();
    reads().forEach(input -> uses.addAll(uses(input)));
    return uses;
  }

  /** Those that an input names. */
  static List<Value> uses(Input input) {
    return switch (input) {
      case Input.Variable(Value value) -> List.of(value);
      case Input.Sum(Value soFar) -> List.of(soFar);
      case Input.LayoutOf(Input tensor) -> uses(tensor);
      case Input.Whole(Value array) -> List.of(array);
      case Input.Again(Value draws) -> List.of(draws);
      case Input.Filled(Value array, Input layouts) -> List.of(array);
      case Input.Code(var plain) -> plain.reads();
      case Input.OfParameter parameter ->
          parameter.element().map(Expression::uses).orElse(List.of());
      case Input.SumOf sum -> sum.element().map(Expression::uses).orElse(List.of());
      case Input.ViewOfSum(var view) -> view.uses();
      case Input.NoSum _, Input.Refilled _, Input.Tape _ -> List.of();
      case Input.Type _, Input.Wanted _, Input.Finish _, Input.Handed _ -> List.of();
      case Input.Nothing _ -> List.of();
    };
  }
}
