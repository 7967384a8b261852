package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.annotations.PrecisionClass;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the readers of each value ask for, found backwards from the results: {@code HALF} if anyone
 * wants it, else {@code FULL} if anyone wants it, else {@code ANY}. It decides what inputs arrive
 * in. A view asks for what is asked of it. Helpers take part until nothing changes; the demand only
 * ever rises, so it ends.
 */
final class Demand {
  private final LayerModel layer;
  private final Signatures signatures;
  private final Map<String, Precision> results = new HashMap<>();
  private final Map<String, List<Precision>> inputs = new HashMap<>();

  private Demand(LayerModel layer, Signatures signatures) {
    this.layer = layer;
    this.signatures = signatures;
  }

  /** What each function's tensor parameters are asked for in, by the function's name. */
  static Map<String, List<Precision>> inputs(LayerModel layer, Signatures signatures) {
    Demand demand = new Demand(layer, signatures);
    demand.results.put(
        layer.entry().name(),
        layer.lossScaling().isPresent() ? Precision.FULL : layer.entry().precision());
    while (demand.pass()) {}
    return demand.inputs;
  }

  private boolean pass() {
    boolean changed = false;
    for (FunctionModel function : layer.functions()) {
      changed |= pass(function);
    }
    return changed;
  }

  private boolean pass(FunctionModel function) {
    Map<Value, Precision> demands = new HashMap<>();
    boolean changed = pass(function, function.body(), demands);
    List<Precision> found =
        function.inputs().stream()
            .map(input -> demands.getOrDefault(input, Precision.ANY))
            .toList();
    return !found.equals(inputs.put(function.name(), found)) || changed;
  }

  private boolean pass(FunctionModel function, Block block, Map<Value, Precision> demands) {
    boolean changed = false;
    for (Statement statement : block.statements().reversed()) {
      switch (statement) {
        case Statement.Return(Argument.OfTensor result, var position) ->
            raise(function, demands, result, results.getOrDefault(function.name(), Precision.ANY));
        case Statement.PlainLocal local -> {}
        case Statement.PlainAssign assign -> {}
        case Statement.Effect effect -> {}
        case Statement.If branch -> {
          for (Statement.Join join : branch.joins()) {
            Precision wanted = demands.getOrDefault(join.result(), Precision.ANY);
            raise(function, demands, join.then(), wanted);
            raise(function, demands, join.otherwise(), wanted);
          }
          changed |= pass(function, branch.then(), demands);
          changed |= pass(function, branch.otherwise(), demands);
        }
        case Statement.Loop loop -> changed |= pass(function, loop, demands);
        case Statement.Write write ->
            raise(
                function,
                demands,
                write.value(),
                demands.getOrDefault(write.array(), Precision.ANY));
        case Statement.Apply apply -> {
          Precision wanted = demands.getOrDefault(apply.result(), Precision.ANY);
          if (apply.call() instanceof Call.OfFunction call) {
            changed |= raiseResult(call.function(), wanted);
          }
          Precision low = function.precision(apply.result());
          List<Precision> arguments = arguments(apply.call(), low, wanted);
          for (int i = 0; i < arguments.size(); i++) {
            raise(function, demands, apply.call().arguments().get(i), arguments.get(i));
          }
        }
      }
    }
    return changed;
  }

  private boolean pass(FunctionModel function, Statement.Loop loop, Map<Value, Precision> demands) {
    boolean changed = false;
    Map<Value, Precision> before;
    do {
      before = Map.copyOf(demands);
      for (Statement.Carried carried : loop.carried()) {
        Precision after = demands.getOrDefault(carried.after(), Precision.ANY);
        Precision wanted = join(after, demands.getOrDefault(carried.inside(), Precision.ANY));
        demands.put(carried.inside(), wanted);
        raise(function, demands, carried.initial(), wanted);
        raise(function, demands, carried.next(), wanted);
      }
      changed |= pass(function, loop.body(), demands);
    } while (!before.equals(demands));
    return changed;
  }

  /** What a call asks of its arguments, where {@code wanted} is asked of its result. */
  private List<Precision> arguments(Call call, Precision low, Precision wanted) {
    return switch (call) {
      case Call.OfOperation(OperationModel operation, var arguments) ->
          operation(operation, arguments, low, wanted);
      case Call.OfArray _, Call.OfElement _ -> Collections.nCopies(call.arguments().size(), wanted);
      case Call.OfLayer(var subLayer, var arguments) ->
          Signatures.spread(arguments, signatures.of(subLayer.field()).inputs(), Precision.ANY);
      case Call.OfFunction(var function, var arguments) ->
          Signatures.spread(arguments, inputs.getOrDefault(function, List.of()), Precision.ANY);
    };
  }

  private List<Precision> operation(
      OperationModel operation, List<Argument> arguments, Precision low, Precision wanted) {
    List<Precision> demands = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      boolean free =
          !Signatures.differentiable(operation, i) || operation.precision() == PrecisionClass.DENY;
      boolean viewed = operation.view() && i == 0;
      demands.add(viewed ? wanted : free ? Precision.ANY : low);
    }
    return demands;
  }

  private boolean raiseResult(String function, Precision wanted) {
    Precision before = results.getOrDefault(function, Precision.ANY);
    Precision joined = join(before, wanted);
    results.put(function, joined);
    return joined != before;
  }

  private static void raise(
      FunctionModel function, Map<Value, Precision> demands, Argument argument, Precision wanted) {
    if (argument instanceof Argument.OfValue(Value value, var position)) {
      demands.merge(value, wanted == Precision.HALF ? function.precision() : wanted, Demand::join);
    }
  }

  private static Precision join(Precision a, Precision b) {
    if (a == Precision.HALF || b == Precision.HALF) {
      return Precision.HALF;
    }
    return a == Precision.FULL || b == Precision.FULL ? Precision.FULL : Precision.ANY;
  }
}
