package dev.mezzo.processor.shape;

import dev.mezzo.processor.dims.Dim;
import dev.mezzo.processor.dims.Given;
import dev.mezzo.processor.dims.RuleApplication;
import dev.mezzo.processor.dims.ShapeRule;
import dev.mezzo.processor.dims.Solver;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.Formal;
import dev.mezzo.processor.model.LayerReference;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The shapes of what calls return: by the rule of an operation or of a layer, or by a walk through
 * a helper.
 */
final class CallShapes {
  private final LayerWalk layer;
  private final Solver solver;
  private final KnownShapes known;
  private final WrittenArrays arrays;

  CallShapes(LayerWalk layer, KnownShapes known, WrittenArrays arrays) {
    this.layer = layer;
    this.solver = layer.solver();
    this.known = known;
    this.arrays = arrays;
  }

  /** The result of a call that returns one tensor. */
  Shaped call(Call call, SourcePosition position) {
    return switch (call) {
      case Call.OfOperation(OperationModel operation, List<Argument> arguments) ->
          operation.rules().shape().isEmpty()
              ? new Shaped(solver.freshShape(), "result of '" + operation.name() + "'", position)
              : apply(
                  operation.name(),
                  operation.rules().shape().get(),
                  operands(operation, arguments),
                  Map.of(),
                  position);
      case Call.OfElement(List<Argument> arguments)
          when arguments.getFirst() instanceof Argument.OfParameter parameter ->
          known.shape(parameter);
      case Call.OfElement(List<Argument> arguments)
          when arguments.getFirst() instanceof Argument.OfValue(Value array, var _) ->
          element(array, arguments.getLast());
      case Call.OfArray _, Call.OfElement _ -> known.any("element");
      case Call.OfLayer(LayerReference reference, List<Argument> arguments) ->
          new Shaped(
              subLayer(reference, arguments, position)
                  .map(RuleApplication.Outcome::result)
                  .orElseGet(solver::freshShape),
              "result of '" + reference.name() + ".forward'",
              position);
      case Call.OfFunction(String name, List<Argument> arguments) ->
          helper(name, arguments).result();
    };
  }

  /** The result of a call that returns several. */
  ArrayShapes array(Call call, SourcePosition position) {
    return switch (call) {
      case Call.OfArray(List<Argument> elements) -> {
        List<Shaped> shapes = new ArrayList<>();
        for (Argument element : elements) {
          if (element instanceof Argument.OfTensor tensor) {
            shapes.add(known.shape(tensor));
          }
        }
        yield ArrayShapes.of(shapes, solver);
      }
      case Call.OfOperation(OperationModel operation, List<Argument> arguments)
          when operation.rules().shape().isPresent() -> {
        RuleApplication.Outcome outcome =
            outcome(
                operation.name(),
                operation.rules().shape().get(),
                operands(operation, arguments),
                Map.of(),
                position);
        String origin = "result of '" + operation.name() + "'";
        yield outcome.parts().isEmpty()
            ? ArrayShapes.alike(new Shaped(outcome.result(), origin, position))
            : ArrayShapes.of(
                outcome.parts().get().stream()
                    .map(shape -> new Shaped(shape, origin, position))
                    .toList(),
                solver);
      }
      case Call.OfFunction(String name, List<Argument> arguments) ->
          helper(name, arguments).results().orElseGet(this::unknown);
      case Call.OfLayer(LayerReference reference, List<Argument> arguments) ->
          subLayer(reference, arguments, position)
              .flatMap(RuleApplication.Outcome::parts)
              .map(
                  parts -> {
                    String origin = "result of '" + reference.name() + ".forward'";
                    return ArrayShapes.of(
                        parts.stream().map(part -> new Shaped(part, origin, position)).toList(),
                        solver);
                  })
              .orElseGet(this::unknown);
      default -> unknown();
    };
  }

  /** What comes of a sub-layer's call; empty where nothing is known of it. */
  private Optional<RuleApplication.Outcome> subLayer(
      LayerReference subLayer, List<Argument> arguments, SourcePosition position) {
    Optional<ShapeRule> rule = layer.signature(subLayer);
    if (rule.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Argument> operands = new LinkedHashMap<>();
    List<String> names = rule.get().operandNames();
    List<Argument> tensors =
        arguments.stream().filter(Argument.OfTensor.class::isInstance).toList();
    for (int i = 0; i < Math.min(names.size(), tensors.size()); i++) {
      operands.put(names.get(i), tensors.get(i));
    }
    String name = subLayer.name() + ".forward";
    Map<String, Dim> numbers = layer.numbers(subLayer, rule.get());
    return Optional.of(outcome(name, rule.get(), operands, numbers, position));
  }

  private Shaped apply(
      String callee,
      ShapeRule rule,
      Map<String, Argument> operands,
      Map<String, Dim> numbers,
      SourcePosition position) {
    RuleApplication.Outcome outcome = outcome(callee, rule, operands, numbers, position);
    return new Shaped(outcome.result(), "result of '" + callee + "'", position);
  }

  private RuleApplication.Outcome outcome(
      String callee,
      ShapeRule rule,
      Map<String, Argument> operands,
      Map<String, Dim> numbers,
      SourcePosition position) {
    Map<String, Given> given = new HashMap<>();
    numbers.forEach((name, dim) -> given.put(name, new Given.OfPlain(Optional.of(List.of(dim)))));
    Map<String, Shaped> tensors = new LinkedHashMap<>();
    operands.forEach(
        (name, argument) -> {
          switch (argument) {
            case Argument.OfValue(Value array, var _) when array.several() ->
                given.put(name, given(name, array, tensors));
            case Argument.OfTensor tensor -> {
              tensors.put(name, known.shape(tensor));
              given.put(name, new Given.OfTensor(known.shape(tensor).shape()));
            }
            case Argument.Plain plainValue -> given.put(name, known.given(plainValue));
          }
        });
    List<String> shown = new ArrayList<>();
    tensors.forEach((name, shaped) -> shown.add(name + " " + solver.resolve(shaped.shape())));
    RuleApplication.Outcome outcome = RuleApplication.apply(rule, given, solver);
    if (outcome.mismatch().isPresent()) {
      layer.report(
          position,
          "'%s' is given %s, but %s"
              .formatted(callee, String.join(" and ", shown), outcome.mismatch().get()),
          List.copyOf(tensors.values()));
    }
    return outcome;
  }

  /** An array; those in it whose shapes are known count as operands of their own. */
  private Given given(String name, Value array, Map<String, Shaped> tensors) {
    ArrayShapes shapes = arrays.isChanging(array) ? unknown() : arrays.get(array);
    List<Shaped> all = shapes == null ? List.of() : shapes.all().orElse(List.of());
    for (int i = 0; i < all.size(); i++) {
      tensors.put(name + "[" + i + "]", all.get(i));
    }
    return shapes == null ? unknown().given() : shapes.given();
  }

  private FunctionWalk helper(String name, List<Argument> arguments) {
    List<Shaped> given = new ArrayList<>();
    Map<String, Dim> numbers = new HashMap<>();
    List<Formal> formals = layer.function(name).formals();
    for (int i = 0; i < arguments.size(); i++) {
      switch (arguments.get(i)) {
        case Argument.OfTensor tensor -> given.add(known.shape(tensor));
        case Argument.Plain number -> {
          if (formals.get(i) instanceof Formal.OfPlain(String _, String formal)) {
            known.number(number).ifPresent(dim -> numbers.put(formal, dim));
          }
        }
      }
    }
    return layer.helper(name, given, numbers);
  }

  private static Map<String, Argument> operands(
      OperationModel operation, List<Argument> arguments) {
    Map<String, Argument> operands = new LinkedHashMap<>();
    for (int i = 0; i < arguments.size(); i++) {
      operands.put(operation.operands().get(i).name(), arguments.get(i));
    }
    return operands;
  }

  private ArrayShapes unknown() {
    return ArrayShapes.alike(known.any("element"));
  }

  /** The element of an array; in a loop that changes it, it may be of any pass. */
  private Shaped element(Value array, Argument index) {
    ArrayShapes shapes = arrays.get(array);
    if (shapes == null || arrays.isChanging(array)) {
      return known.any("element of '" + array.name() + "'");
    }
    Optional<Integer> at =
        index instanceof Argument.Plain plain ? WrittenArrays.index(plain) : Optional.empty();
    return shapes.at(at).orElseGet(() -> known.any("element of '" + array.name() + "'"));
  }
}
