package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.SubLayerModel;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * What a layer's calls look like from outside: its sub-layers as their fields say, its helpers in
 * the order of calls.
 */
final class Signatures {
  private final LayerModel layer;
  private final Function<ClassName, LayerInterface> interfaces;
  private final Map<String, LayerInterface> helpers = new HashMap<>();

  Signatures(LayerModel layer, Function<ClassName, LayerInterface> interfaces) {
    this.layer = layer;
    this.interfaces = interfaces;
  }

  /** The sub-layer's interface; where its field is {@code @Full}, half is full at its border. */
  LayerInterface of(SubLayerModel subLayer) {
    LayerInterface declared = interfaces.apply(subLayer.type());
    if (!subLayer.full()) {
      return declared;
    }
    return new LayerInterface(
        declared.inputs().stream().map(Signatures::atLeastFull).toList(),
        declared.differentiable(),
        atLeastFull(declared.output()),
        declared.parameters(),
        declared.finishes());
  }

  /**
   * How the layer is given and gives tensors, where an interface that it implements says so. One
   * with other arguments is not implemented, which javac says.
   */
  Optional<LayerInterface> border() {
    return layer.lossScaling().isPresent()
        ? Optional.empty()
        : layer.contracts().stream()
            .findFirst()
            .map(interfaces)
            .filter(border -> border.inputs().size() == layer.entry().inputs().size());
  }

  /** Makes a helper known, once it is planned. */
  void add(String helper, LayerInterface signature) {
    helpers.put(helper, signature);
  }

  /** The interface of a helper that is planned. */
  LayerInterface ofHelper(String helper) {
    LayerInterface signature = helpers.get(helper);
    if (signature == null) {
      throw new IllegalStateException("helper '" + helper + "' is not planned yet");
    }
    return signature;
  }

  /** The function of the given name. */
  FunctionModel function(String name) {
    return layer.functions().stream()
        .filter(function -> function.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no function '" + name + "'"));
  }

  /** The functions that the entry reaches, each after the functions that it calls. */
  List<FunctionModel> calleesFirst() {
    Map<String, FunctionModel> ordered = new LinkedHashMap<>();
    visit(layer.entry(), ordered, new ArrayList<>());
    return List.copyOf(ordered.values());
  }

  private void visit(
      FunctionModel function, Map<String, FunctionModel> ordered, List<String> open) {
    if (ordered.containsKey(function.name())) {
      return;
    }
    if (open.contains(function.name())) {
      throw new IllegalArgumentException("recursive function '" + function.name() + "'");
    }
    open.add(function.name());
    for (Statement statement : function.body().all().toList()) {
      if (statement instanceof Statement.Apply(var result, Call.OfFunction call, var position)) {
        visit(function(call.function()), ordered, open);
      }
    }
    open.removeLast();
    ordered.put(function.name(), function);
  }

  /** Whether all that read a value take it as it comes, and have no gradient for it. */
  boolean isLookedAt(FunctionModel function, Value value) {
    return function.body().all().allMatch(statement -> isLookedAt(statement, value));
  }

  private boolean isLookedAt(Statement statement, Value value) {
    return switch (statement) {
      case Statement.Apply(var _, Call call, var _) ->
          IntStream.range(0, call.arguments().size())
              .filter(i -> is(call.arguments().get(i), value))
              .allMatch(i -> isLookedAt(call, i));
      case Statement.Return(var result, var _) -> !is(result, value);
      case Statement.Write write -> !is(write.value(), value);
      case Statement.If branch ->
          branch.joins().stream()
              .noneMatch(join -> is(join.then(), value) || is(join.otherwise(), value));
      case Statement.Loop loop ->
          loop.carried().stream()
              .noneMatch(each -> is(each.initial(), value) || is(each.next(), value));
      case Statement.PlainLocal _, Statement.PlainAssign _, Statement.Effect _ -> true;
    };
  }

  private boolean isLookedAt(Call call, int argument) {
    return switch (call) {
      case Call.OfOperation(OperationModel operation, var _) ->
          !differentiable(operation, argument) && !(operation.view() && argument == 0);
      case Call.OfLayer(var subLayer, var arguments) -> {
        LayerInterface callee = of(subLayer.field());
        yield !spread(arguments, callee.differentiable(), true).get(argument)
            && spread(arguments, callee.inputs(), Precision.ANY).get(argument) == Precision.ANY;
      }
      default -> false;
    };
  }

  private static boolean is(Argument argument, Value value) {
    return argument instanceof Argument.OfValue(Value read, var _) && read.equals(value);
  }

  /** Whether an operation has a gradient with regard to argument {@code index}. */
  static boolean differentiable(OperationModel operation, int index) {
    OperationModel.Operand operand = operand(operation, index);
    return operand.tensor() && operation.gradient(operand.name()).isPresent();
  }

  /**
   * The operand that argument {@code index} is given to; surplus arguments belong to the last, a
   * {@code T...}.
   */
  static OperationModel.Operand operand(OperationModel operation, int index) {
    return operation.operands().get(Math.min(index, operation.operands().size() - 1));
  }

  /** One entry an argument, from one entry a tensor argument. */
  static <T> List<T> spread(List<Argument> arguments, List<T> ofTensors, T ofPlain) {
    List<T> spread = new ArrayList<>();
    int tensor = 0;
    for (Argument argument : arguments) {
      boolean known = argument instanceof Argument.OfTensor && tensor < ofTensors.size();
      spread.add(known ? ofTensors.get(tensor++) : ofPlain);
    }
    return spread;
  }

  private static Precision atLeastFull(Precision precision) {
    return precision == Precision.HALF ? Precision.FULL : precision;
  }
}
