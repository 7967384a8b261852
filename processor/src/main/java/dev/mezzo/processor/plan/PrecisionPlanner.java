package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Decides the precision of every value, and what every operation reads its operands in, as {@link
 * dev.mezzo.annotations.PrecisionClass} says. In a {@code @Full} layer full stands wherever half
 * would.
 *
 * <p>Views cost nothing in either precision, so two kinds of them are settled by their readers in a
 * second pass: a view of a parameter is full where nobody wants it in half (the master is there; a
 * weight is never cast), and a view of a full value is half where everybody wants that and the
 * value is cast to half for another reader anyway.
 */
public final class PrecisionPlanner {
  private final LayerModel layer;
  private final Signatures signatures;
  private final Map<String, List<Precision>> demands;
  private final Map<String, PrecisionPlan.OfFunction> plans = new LinkedHashMap<>();

  private PrecisionPlanner(LayerModel layer, Signatures signatures) {
    this.layer = layer;
    this.signatures = signatures;
    this.demands = Demand.inputs(layer, signatures);
  }

  /** The precision of everything in the layer; {@code interfaces} knows its sub-layers. */
  public static PrecisionPlan plan(
      LayerModel layer, Function<ClassName, LayerInterface> interfaces) {
    return plan(layer, new Signatures(layer, interfaces));
  }

  static PrecisionPlan plan(LayerModel layer, Signatures signatures) {
    PrecisionPlanner planner = new PrecisionPlanner(layer, signatures);
    for (FunctionModel function : signatures.calleesFirst()) {
      PrecisionPlan.OfFunction first = planner.new Pass(function, Map.of()).plan();
      Map<Value, Precision> settled = ViewPrecision.settle(function, first);
      planner.plans.put(
          function.name(), settled.isEmpty() ? first : planner.new Pass(function, settled).plan());
    }
    return new PrecisionPlan(Collections.unmodifiableMap(planner.plans));
  }

  private boolean isRoot(FunctionModel function) {
    return layer.lossScaling().isPresent() && function.equals(layer.entry());
  }

  /** One pass over a function, forwards. */
  private final class Pass {
    private final FunctionModel function;
    private final Map<Value, Precision> settled;
    private final Map<Value, Precision> values = new HashMap<>();
    private final IdentityHashMap<Statement, List<Precision>> arguments = new IdentityHashMap<>();
    private final Set<Value> parameterViews = new HashSet<>();
    private Precision output;

    Pass(FunctionModel function, Map<Value, Precision> settled) {
      this.function = function;
      this.settled = settled;
      this.output = function.precision();
    }

    PrecisionPlan.OfFunction plan() {
      List<Precision> inputs = inputs();
      for (int i = 0; i < inputs.size(); i++) {
        values.put(function.inputs().get(i), inputs.get(i));
      }
      settle();
      return new PrecisionPlan.OfFunction(values, arguments, inputs, output);
    }

    /** What is written into an array late decides what was read from it early. */
    private void settle() {
      Map<Value, Precision> before;
      do {
        before = Map.copyOf(values);
        block(function.body());
      } while (values.keySet().stream().anyMatch(Value::several) && !values.equals(before));
    }

    private void block(Block block) {
      for (Statement statement : block.statements()) {
        switch (statement) {
          case Statement.Apply apply -> apply(apply);
          case Statement.Write write -> {
            Precision joined = join(of(write.array()), of(write.value()));
            values.put(write.array(), joined);
            arguments.put(write, List.of(joined));
          }
          case Statement.PlainLocal local -> {}
          case Statement.PlainAssign assign -> {}
          case Statement.Effect effect -> {}
          case Statement.If branch -> {
            block(branch.then());
            block(branch.otherwise());
            for (Statement.Join join : branch.joins()) {
              values.put(join.result(), join(of(join.then()), of(join.otherwise())));
            }
          }
          case Statement.Loop loop -> loop(loop);
          case Statement.Return returned -> {
            Precision made = isRoot(function) ? Precision.FULL : of(returned.result());
            output = output(made);
            arguments.put(returned, List.of(output));
          }
        }
      }
    }

    /** What is carried has one precision: full where any pass leaves it in full. */
    private void loop(Statement.Loop loop) {
      loop.carried().forEach(carried -> values.put(carried.inside(), of(carried.initial())));
      boolean changed;
      do {
        block(loop.body());
        changed = false;
        for (Statement.Carried carried : loop.carried()) {
          Precision before = values.getOrDefault(carried.inside(), Precision.ANY);
          Precision joined = join(before, of(carried.next()));
          values.put(carried.inside(), joined);
          changed |= joined != before;
        }
      } while (changed);
      for (Statement.Carried carried : loop.carried()) {
        values.put(carried.after(), values.getOrDefault(carried.inside(), Precision.ANY));
      }
    }

    /** Of the ways that meet; what nobody asks for in a precision comes as it is. */
    private static Precision join(Precision a, Precision b) {
      if (a == b) {
        return a;
      }
      return a == Precision.ANY || b == Precision.ANY ? Precision.ANY : Precision.FULL;
    }

    /**
     * The caller of a layer casts; the user of a root gives what there is: full. What an interface
     * promises of a tensor of indices, say, is kept without looking at it.
     */
    private List<Precision> inputs() {
      Optional<LayerInterface> border = border();
      if (border.isPresent()) {
        List<Precision> promised = new ArrayList<>(border.get().inputs());
        for (int i = 0; i < promised.size(); i++) {
          if (signatures.isLookedAt(function, function.inputs().get(i))) {
            promised.set(i, Precision.ANY);
          }
        }
        return promised;
      }
      List<Precision> asked = demands.getOrDefault(function.name(), List.of());
      return isRoot(function)
          ? asked.stream().map(p -> p == Precision.ANY ? p : Precision.FULL).toList()
          : asked;
    }

    /** What is returned in, where it would be in {@code made}. */
    private Precision output(Precision made) {
      return border().map(LayerInterface::output).orElse(made);
    }

    /** Whether it is the array that a record is returned as. */
    private boolean isResult(Value array) {
      return function.body().statements().getLast()
              instanceof Statement.Return(Argument.OfValue(Value result, var _), var _)
          && result.equals(array);
    }

    private Optional<LayerInterface> border() {
      return function.equals(layer.entry()) ? signatures.border() : Optional.empty();
    }

    private void apply(Statement.Apply apply) {
      List<Argument> given = apply.call().arguments();
      switch (apply.call()) {
        case Call.OfOperation(OperationModel operation, var operands) ->
            operation(apply, operation, operands);
        case Call.OfArray(var elements) -> {
          Precision joined = of(apply.result());
          for (Argument element : elements) {
            joined = element instanceof Argument.OfTensor ? join(joined, of(element)) : joined;
          }
          joined = isResult(apply.result()) ? output(joined) : joined;
          values.put(apply.result(), joined);
          arguments.put(apply, Collections.nCopies(elements.size(), joined));
        }
        case Call.OfElement(var operands)
            when operands.getFirst() instanceof Argument.OfParameter(var parameter, var _) -> {
          Precision read = parameter(apply.result(), parameter);
          values.put(apply.result(), read);
          arguments.put(apply, List.of(read, Precision.ANY));
          parameterViews.add(apply.result());
        }
        case Call.OfElement(var operands) -> {
          values.put(apply.result(), of(operands.getFirst()));
          arguments.put(apply, Collections.nCopies(operands.size(), Precision.ANY));
        }
        case Call.OfLayer(var subLayer, var operands) -> {
          LayerInterface callee = signatures.of(subLayer.field());
          arguments.put(apply, Signatures.spread(given, callee.inputs(), Precision.ANY));
          values.put(apply.result(), callee.output());
        }
        case Call.OfFunction(var name, var operands) -> {
          PrecisionPlan.OfFunction callee = plans.get(name);
          if (callee == null) {
            throw new IllegalArgumentException("function '" + name + "' is not planned yet");
          }
          arguments.put(apply, Signatures.spread(given, callee.inputs(), Precision.ANY));
          values.put(apply.result(), callee.output());
        }
      }
    }

    /** What one of several parameters is read in: as a view of it would be. */
    private Precision parameter(Value element, ParameterModel parameter) {
      boolean onlyHalf = layer.precision() == Precision.HALF && !parameter.master();
      return onlyHalf ? Precision.HALF : settled.getOrDefault(element, function.precision());
    }

    private void operation(
        Statement.Apply apply, OperationModel operation, List<Argument> operands) {
      Precision computed =
          switch (operation.precision()) {
            case ALLOW -> function.precision(apply.result());
            case DENY -> Precision.FULL;
            case FOLLOW -> follow(apply, operation, operands);
          };
      List<Precision> reads = new ArrayList<>();
      for (int i = 0; i < operands.size(); i++) {
        boolean viewed = operation.view() && i == 0;
        boolean asIs =
            operation.precision() == dev.mezzo.annotations.PrecisionClass.DENY
                || !(viewed || Signatures.differentiable(operation, i));
        boolean several = Signatures.operand(operation, i).several();
        reads.add(asIs || several ? Precision.ANY : computed);
      }
      arguments.put(apply, Collections.unmodifiableList(reads));
      values.put(apply.result(), computed);
      if (operation.view() && isParameter(operands.getFirst())) {
        parameterViews.add(apply.result());
      }
    }

    /**
     * Half if all operands are, full if any is; parameters take part only where there is nothing
     * else.
     */
    private Precision follow(
        Statement.Apply apply, OperationModel operation, List<Argument> operands) {
      Precision chosen =
          function.asked().containsKey(apply.result())
              ? function.precision(apply.result())
              : settled.get(apply.result());
      if (chosen != null) {
        return chosen;
      }
      Optional<Precision> array =
          operands.stream()
              .filter(each -> each instanceof Argument.OfValue of && of.value().several())
              .map(this::of)
              .findFirst();
      if (array.isPresent()) {
        return array.get();
      }
      if (operation.view() && !Signatures.differentiable(operation, 0)) {
        return of(operands.getFirst());
      }
      List<Precision> found = new ArrayList<>();
      for (int i = 0; i < operands.size(); i++) {
        if (Signatures.differentiable(operation, i) && !isParameter(operands.get(i))) {
          found.add(of(operands.get(i)));
        }
      }
      if (operation.view() && found.equals(List.of(Precision.ANY))) {
        return Precision.ANY;
      }
      return found.contains(Precision.FULL) ? Precision.FULL : function.precision();
    }

    private boolean isParameter(Argument argument) {
      return argument instanceof Argument.OfParameter
          || (argument instanceof Argument.OfValue(Value value, var position)
              && parameterViews.contains(value));
    }

    /** An array has the lowest precision until something else is written into it. */
    private Precision of(Value value) {
      return values.getOrDefault(value, value.several() ? function.precision() : Precision.ANY);
    }

    private Precision of(Argument argument) {
      return argument instanceof Argument.OfValue(Value value, var position)
          ? of(value)
          : function.precision();
    }
  }
}
