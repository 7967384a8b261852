package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.LayerReference;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the casts in: one for a value and a precision, right before the first reader that wants it,
 * shared by all. A parameter is read in the precision that is wanted and never cast, except one
 * that lives in 16 bits only and is read in full.
 */
final class CastPlanner {
  private final LayerModel layer;
  private final FunctionModel function;
  private final PrecisionPlan.OfFunction plan;
  private final Signatures signatures;
  private final Names names;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<Node.Operand, Map<Precision, Node.Operand>> casts = new HashMap<>();
  private final Map<Value, Precision> precisions = new HashMap<>();

  private CastPlanner(
      LayerModel layer,
      FunctionModel function,
      PrecisionPlan.OfFunction plan,
      Signatures signatures,
      Names names) {
    this.layer = layer;
    this.function = function;
    this.plan = plan;
    this.signatures = signatures;
    this.names = names;
  }

  static TypedFunction plan(
      LayerModel layer,
      FunctionModel function,
      PrecisionPlan.OfFunction plan,
      Signatures signatures,
      Names names) {
    return new CastPlanner(layer, function, plan, signatures, names).plan();
  }

  private TypedFunction plan() {
    precisions.putAll(plan.values());
    for (Statement statement : function.body().statements()) {
      switch (statement) {
        case Statement.Apply apply -> {
          List<Node.Operand> operands = operands(apply);
          nodes.add(
              new Node.Apply(apply.result(), callee(apply.call()), operands, apply.position()));
        }
        case Statement.PlainLocal local -> nodes.add(new Node.Local(local));
        case Statement.Return returned -> {
          Node.Operand result =
              operand(returned.result(), plan.argument(returned, 0), returned.position());
          return new TypedFunction(
              function, nodes, result, returned.position(), precisions, plan.output());
        }
      }
    }
    throw new IllegalArgumentException("function '" + function.name() + "' returns nothing");
  }

  private List<Node.Operand> operands(Statement.Apply apply) {
    List<Node.Operand> operands = new ArrayList<>();
    List<Argument> arguments = apply.call().arguments();
    for (int i = 0; i < arguments.size(); i++) {
      operands.add(operand(arguments.get(i), plan.argument(apply, i), apply.position()));
    }
    if (apply.call() instanceof Call.OfLayer(LayerReference layer, var given)) {
      layer.element().map(Node.Operand.OfPlain::new).ifPresent(operands::add);
    }
    return operands;
  }

  private Node.Operand operand(Argument argument, Precision wanted, SourcePosition reader) {
    return switch (argument) {
      case Argument.Plain plain -> new Node.Operand.OfPlain(plain);
      case Argument.OfValue(Value value, var position) ->
          cast(new Node.Operand.OfValue(value), value.name(), plan.of(value), wanted, reader);
      case Argument.OfParameter(ParameterModel parameter, var position) ->
          parameter(parameter, wanted, reader);
    };
  }

  /** As it comes means full: the master is there, and nothing is more precise. */
  private Node.Operand parameter(
      ParameterModel parameter, Precision wanted, SourcePosition reader) {
    if (layer.precision() == Precision.HALF && !parameter.master()) {
      var half = new Node.Operand.OfParameter(parameter, Precision.HALF);
      return cast(half, parameter.name(), Precision.HALF, wanted, reader);
    }
    return new Node.Operand.OfParameter(
        parameter, wanted == Precision.ANY ? Precision.FULL : wanted);
  }

  private Node.Operand cast(
      Node.Operand operand, String name, Precision from, Precision to, SourcePosition reader) {
    if (to == Precision.ANY || from == Precision.ANY || from == to) {
      return operand;
    }
    return casts
        .computeIfAbsent(operand, o -> new HashMap<>())
        .computeIfAbsent(to, t -> addCast(operand, name, from, to, reader));
  }

  private Node.Operand addCast(
      Node.Operand operand, String name, Precision from, Precision to, SourcePosition reader) {
    boolean endsInDigit = Character.isDigit(name.charAt(name.length() - 1));
    String suffix = to == Precision.FULL ? "Full" : endsInDigit ? "Half" : "16";
    Value result = names.value(name + suffix);
    precisions.put(result, to);
    nodes.add(new Node.Cast(result, operand, from, to, reader));
    return new Node.Operand.OfValue(result);
  }

  private Node.Callee callee(Call call) {
    return switch (call) {
      case Call.OfOperation(var operation, var arguments) -> new Node.Callee.OfOperation(operation);
      case Call.OfLayer(var subLayer, var arguments) ->
          new Node.Callee.OfLayer(subLayer, signatures.of(subLayer.field()));
      case Call.OfFunction(var name, var arguments) ->
          new Node.Callee.OfFunction(name, signatures.ofHelper(name));
    };
  }
}
