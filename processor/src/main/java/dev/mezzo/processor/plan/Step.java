package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** One line of a generated method. */
public sealed interface Step {

  /** When it runs. */
  default Need need() {
    return Need.ALWAYS;
  }

  /** The steps within it, in one list for each way. */
  default List<List<Step>> within() {
    return List.of();
  }

  /** The step itself, and all within it. */
  default Stream<Step> all() {
    return within().isEmpty()
        ? Stream.of(this)
        : Stream.concat(
            Stream.of(this), within().stream().flatMap(List::stream).flatMap(Step::all));
  }

  /** The variable of an outer list that it gives another tensor, if there is one declared. */
  default Optional<Value> assigns() {
    return Optional.empty();
  }

  /** The tensors that must be alive for it. */
  default List<Value> uses() {
    return List.of();
  }

  /** The variable that it declares. */
  default Optional<Value> declares() {
    return owns();
  }

  /** The tensor that it gives the method to close. */
  default Optional<Value> owns() {
    return Optional.empty();
  }

  /**
   * {@code Tensor y = relu(h);}, or, where the need depends, {@code Tensor dx = wantDx ?
   * reluGradient(dy, y) : null;}.
   *
   * @param present when the result is not null
   * @param array whether the result is a {@code Tensor[]}, owned by element
   */
  record Compute(
      Value result, Expression expression, boolean array, Need need, Need present, Remark remark)
      implements Step {
    @Override
    public List<Value> uses() {
      return expression.uses();
    }

    @Override
    public Optional<Value> owns() {
      return array ? Optional.empty() : Optional.of(result);
    }

    @Override
    public Optional<Value> declares() {
      return Optional.of(result);
    }

    @Override
    public Optional<Value> assigns() {
      return Optional.of(result);
    }
  }

  /**
   * {@code Tensor h;}, or, of gradients that add up, {@code Tensor dx = null;}: what the branch or
   * loop behind it computes.
   *
   * @param present when it is not null in the end
   * @param sum whether it may be read before it is assigned
   */
  record Declare(Value value, Need present, boolean sum) implements Step {
    @Override
    public Optional<Value> owns() {
      return Optional.of(value);
    }
  }

  /**
   * {@code dx = plus(dx, reluGradient(dy, y));}, or {@code dx = wantDx ? plus(…) : dx}.
   *
   * @param adds whether the gradient's method takes the sum itself, as in {@code dx =
   *     linearGradientX(GradientSum.of(dx), …)}
   */
  record Plus(Value sum, Expression gradient, boolean adds, Need need, Remark remark)
      implements Step {
    @Override
    public List<Value> uses() {
      return gradient.uses();
    }

    @Override
    public Optional<Value> assigns() {
      return Optional.of(sum);
    }

    /** What makes the new sum of the old one and the gradient. */
    public List<Expression> operations() {
      return adds && gradient instanceof Expression.Gradient call
          ? List.of(call.addedTo(new Input.Sum(sum)))
          : List.of(Inserted.plus(sum), gradient);
    }
  }

  /** {@code if (deep) { … } else { … }}: a branch of the user's, in forward or reversed. */
  record Branch(Input condition, List<Step> then, List<Step> otherwise, SourcePosition position)
      implements Step {
    @Override
    public List<Value> uses() {
      return Stream.concat(Expression.uses(condition).stream(), Step.uses(within())).toList();
    }

    @Override
    public List<List<Step>> within() {
      return List.of(then, otherwise);
    }
  }

  /**
   * A loop of the user's, in forward or reversed.
   *
   * @param carried the tensors that a pass takes over, and leaves to the next
   */
  record Loop(LoopHeader header, List<Carry> carried, List<Step> body, SourcePosition position)
      implements Step {
    @Override
    public List<Value> uses() {
      return Stream.of(
              header.inputs().stream().flatMap(input -> Expression.uses(input).stream()),
              carried.stream().map(Carry::variable),
              Step.uses(within()))
          .flatMap(values -> values)
          .toList();
    }

    @Override
    public List<List<Step>> within() {
      return List.of(body);
    }
  }

  /** A tensor that goes around a loop, in one precision. */
  record Carry(Value variable, Precision precision) {}

  /** {@code net.backward(tape, dLogits, false);}: a call for its effect. */
  record Run(Expression expression, Need need, Remark remark) implements Step {
    @Override
    public List<Value> uses() {
      return expression.uses();
    }
  }

  /**
   * {@code weight.accumulate(linearGradientWeight(dy, x), "Linear.java:31 linear");}.
   *
   * @param element of a field that holds several, the index or key: {@code gains.get(i).accumulate}
   */
  record Accumulate(
      ParameterModel parameter, Optional<Input> element, Expression gradient, String source)
      implements Step {
    @Override
    public List<Value> uses() {
      return Stream.concat(
              gradient.uses().stream(), element.stream().flatMap(e -> Expression.uses(e).stream()))
          .toList();
    }
  }

  /** {@code int n = x.shape().dim(0);}: the user's own local variable. */
  record Local(Statement.PlainLocal local) implements Step {
    @Override
    public List<Value> uses() {
      return local.value().reads();
    }
  }

  /** {@code n += 2;}: the user's own. */
  record Change(Argument.Plain code, SourcePosition position) implements Step {
    @Override
    public List<Value> uses() {
      return code.reads();
    }
  }

  /**
   * {@code log.info(x.shape());}: the user's own.
   *
   * @param ends whether it is a throw, behind which nothing is reached
   */
  record Effect(Argument.Plain code, boolean ends, SourcePosition position) implements Step {
    @Override
    public List<Value> uses() {
      return code.reads();
    }
  }

  /** {@code float factor = 1f / n;}: an argument that has to be saved gets a name. */
  record Named(Value name, Argument.Plain plain) implements Step {
    @Override
    public List<Value> uses() {
      return plain.reads();
    }
  }

  /**
   * {@code Finish h = Y.finish(residual);}: stands for what an operation computes and its kernel
   * finishes; {@code h.layout()} is its layout.
   */
  record Finish(Value variable, Expression.Fused expression, Remark remark) implements Step {
    @Override
    public List<Value> uses() {
      return expression.uses();
    }

    @Override
    public Optional<Value> declares() {
      return Optional.of(variable);
    }
  }

  /** {@code Layout xLayout = x.layout();}: needed longer than the tensor. */
  record TakeLayout(Value result, Value tensor, Need need) implements Step {
    @Override
    public List<Value> uses() {
      return List.of(tensor);
    }

    @Override
    public Optional<Value> declares() {
      return Optional.of(result);
    }
  }

  /** {@code tape.save(x);}, with the reason. */
  record Save(Saved saved) implements Step {
    @Override
    public List<Value> uses() {
      return saved.content() == Saved.Content.PLAIN ? List.of() : List.of(saved.value());
    }
  }

  /** {@code Tensor x = tape.restoreTensor();}. */
  record Restore(Saved saved, Need need) implements Step {
    @Override
    public Optional<Value> owns() {
      return saved.content() == Saved.Content.TENSOR
          ? Optional.of(saved.restored())
          : Optional.empty();
    }

    @Override
    public Optional<Value> declares() {
      return Optional.of(saved.restored());
    }
  }

  /** {@code tape.drop(2);}. */
  record Drop(int entries) implements Step {}

  /** {@code h.close();}. */
  record Close(Value value, Need need) implements Step {}

  /** {@code return dx;}; of several {@code return new Tensor[] {da, db};}; of none nothing. */
  record Return(List<Value> values) implements Step {
    @Override
    public List<Value> uses() {
      return values;
    }
  }

  /** {@code return x.retain();}. */
  record ReturnRetained(Input input) implements Step {}

  /**
   * {@code if (wantDx) { … } else { … }}.
   *
   * @param declared the steps of {@code then} whose variables live on behind it, null where it has
   *     not run
   */
  record When(Need need, List<Step> declared, List<Step> then, List<Step> otherwise)
      implements Step {
    @Override
    public List<List<Step>> within() {
      return List.of(then, otherwise);
    }
  }

  /** {@code if (!wantDx) { …; return null; }}: what follows serves the wanted gradient alone. */
  record Leave(Need need, List<Step> otherwise) implements Step {
    @Override
    public List<List<Step>> within() {
      return List.of(otherwise);
    }
  }

  /**
   * What stands at the end of the line.
   *
   * @param precision of the result; of a cast {@code from} is that of its operand
   */
  record Remark(SourcePosition position, Optional<Precision> from, Precision precision) {
    static Remark of(SourcePosition position, Precision precision) {
      return new Remark(position, Optional.empty(), precision);
    }
  }

  /** The same step where its need is known to hold. */
  default Step given(Need known) {
    return switch (this) {
      case Compute c ->
          new Compute(
              c.result,
              given(c.expression, known),
              c.array,
              c.need.given(known),
              c.present.given(known),
              c.remark);
      case Run r -> new Run(given(r.expression, known), r.need.given(known), r.remark);
      case TakeLayout t -> new TakeLayout(t.result, t.tensor, t.need.given(known));
      case Restore r -> new Restore(r.saved, r.need.given(known));
      case Close c -> new Close(c.value, c.need.given(known));
      case Plus p ->
          new Plus(p.sum, given(p.gradient, known), p.adds, p.need.given(known), p.remark);
      default -> this;
    };
  }

  private static Stream<Value> uses(List<List<Step>> within) {
    return within.stream().flatMap(List::stream).flatMap(step -> step.uses().stream());
  }

  private static Expression given(Expression expression, Need known) {
    return switch (expression) {
      case Expression.Operation(var owner, var name, var inputs) ->
          new Expression.Operation(owner, name, given(inputs, known));
      case Expression.Fused f ->
          f.wantedIf(f.wanted().stream().map(need -> need.given(known)).toList());
      case Expression.LayerBackward(var layer, var inputs) ->
          new Expression.LayerBackward(layer, given(inputs, known));
      case Expression.FunctionBackward(var function, var inputs) ->
          new Expression.FunctionBackward(function, given(inputs, known));
      default -> expression;
    };
  }

  private static List<Input> given(List<Input> inputs, Need known) {
    Stream<Input> simplified =
        inputs.stream()
            .map(
                input ->
                    input instanceof Input.Wanted(Need need)
                        ? new Input.Wanted(need.given(known))
                        : input);
    return simplified.toList();
  }
}
