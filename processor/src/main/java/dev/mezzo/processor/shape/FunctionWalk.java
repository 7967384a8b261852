package dev.mezzo.processor.shape;

import dev.mezzo.processor.dims.Atom;
import dev.mezzo.processor.dims.Dim;
import dev.mezzo.processor.dims.Given;
import dev.mezzo.processor.dims.RuleApplication;
import dev.mezzo.processor.dims.ShapeRule;
import dev.mezzo.processor.dims.ShapeTerm;
import dev.mezzo.processor.dims.Solver;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.DeclaredShape;
import dev.mezzo.processor.model.Formal;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.LayerReference;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** One way through a function, statement by statement. */
final class FunctionWalk {
  private static final String CURE = "change one of them";

  private final LayerWalk layer;
  private final Solver solver;
  private final FunctionModel function;
  private final Function<Atom, Dim> names;
  private final Map<Value, Shaped> values = new HashMap<>();
  private final WrittenArrays arrays;
  private final Map<String, Value> byName = new HashMap<>();
  private final Map<String, Dim> plain = new HashMap<>();
  private final Set<String> changed = new HashSet<>();
  private @Nullable Shaped result;
  private @Nullable ArrayShapes results;

  FunctionWalk(
      LayerWalk layer,
      FunctionModel function,
      List<Shaped> given,
      Map<String, Dim> plain,
      Function<Atom, Dim> names) {
    this.layer = layer;
    this.solver = layer.solver();
    this.arrays = new WrittenArrays(solver);
    this.function = function;
    this.names = names;
    this.plain.putAll(plain);
    List<Value> inputs = function.inputs();
    for (int i = 0; i < inputs.size(); i++) {
      Shaped shaped = i < given.size() ? given.get(i) : any("'" + inputs.get(i).name() + "'");
      define(inputs.get(i), shaped);
    }
  }

  /** What the function returns. */
  Shaped walk() {
    walked();
    return result == null ? any("result of '" + function.name() + "'") : result;
  }

  /** The same, with what is known of the result, which may be an array. */
  FunctionWalk walked() {
    function
        .body()
        .all()
        .forEach(
            statement -> {
              if (statement instanceof Statement.PlainAssign(String name, var _, var _)) {
                changed.add(name);
              }
            });
    walk(function.body());
    return this;
  }

  private void walk(Block block) {
    for (Statement statement : block.statements()) {
      switch (statement) {
        case Statement.Apply(Value value, Call call, SourcePosition position)
            when value.several() ->
            arrays.define(value, array(call, position));
        case Statement.Apply(Value value, Call call, SourcePosition position) ->
            define(value, call(call, position));
        case Statement.PlainLocal(var _, String name, Argument.Plain value, var _) -> {
          if (!changed.contains(name)) {
            number(value).ifPresent(dim -> plain.put(name, dim));
          }
        }
        case Statement.PlainAssign _ -> {}
        case Statement.Write write -> arrays.write(write, shape(write.value()));
        case Statement.If branch -> branch(branch);
        case Statement.Loop loop -> arrays.during(loop, () -> passes(loop));
        case Statement.Return(Argument.OfValue(Value array, var _), SourcePosition _)
            when array.several() ->
            results = arrays.get(array);
        case Statement.Return(Argument.OfTensor returned, SourcePosition position) ->
            result = returned(shape(returned), position);
      }
    }
  }

  private ArrayShapes array(Call call, SourcePosition position) {
    return switch (call) {
      case Call.OfArray(List<Argument> elements) -> {
        List<Shaped> shapes = new ArrayList<>();
        for (Argument element : elements) {
          if (element instanceof Argument.OfTensor tensor) {
            shapes.add(shape(tensor));
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
          Optional.ofNullable(helper(name, arguments).results).orElseGet(this::unknown);
      default -> unknown();
    };
  }

  private ArrayShapes unknown() {
    return ArrayShapes.alike(any("element"));
  }

  /** The element of an array; in a loop that changes it, it may be of any pass. */
  private Shaped element(Value array, Argument index) {
    ArrayShapes known = arrays.get(array);
    if (known == null || arrays.isChanging(array)) {
      return any("element of '" + array.name() + "'");
    }
    Optional<Integer> at =
        index instanceof Argument.Plain plain ? WrittenArrays.index(plain) : Optional.empty();
    return known.at(at).orElseGet(() -> any("element of '" + array.name() + "'"));
  }

  /** What comes out has what its shapes on both ways have in common. */
  private void branch(Statement.If branch) {
    Optional<List<ShapeTerm>> then =
        way(branch.then(), branch.joins().stream().map(Statement.Join::then).toList());
    Optional<List<ShapeTerm>> otherwise =
        way(branch.otherwise(), branch.joins().stream().map(Statement.Join::otherwise).toList());
    for (int i = 0; i < branch.joins().size(); i++) {
      Value value = branch.joins().get(i).result();
      ShapeTerm joined =
          then.isPresent() && otherwise.isPresent()
              ? solver.join(then.get().get(i), otherwise.get().get(i))
              : solver.freshShape();
      define(value, new Shaped(joined, "'" + value.name() + "'", branch.position()));
    }
  }

  /** What a pass finds has what the initial shape and that which a pass leaves have in common. */
  private void passes(Statement.Loop loop) {
    List<ShapeTerm> shapes = new ArrayList<>();
    loop.carried().forEach(each -> shapes.add(solver.resolve(shape(each.initial()).shape())));
    List<Argument.OfTensor> next = loop.carried().stream().map(Statement.Carried::next).toList();
    for (boolean settled = false; !settled; ) {
      for (int i = 0; i < shapes.size(); i++) {
        Value inside = loop.carried().get(i).inside();
        define(inside, new Shaped(shapes.get(i), "'" + inside.name() + "'", loop.position()));
      }
      Optional<List<ShapeTerm>> left = way(loop.body(), next);
      settled = true;
      for (int i = 0; i < shapes.size(); i++) {
        if (left.isEmpty() || !covers(shapes.get(i), left.get().get(i))) {
          boolean any =
              left.isEmpty() || shapes.get(i).row().filter(ShapeTerm.Row::open).isPresent();
          shapes.set(i, any ? solver.freshShape() : solver.join(shapes.get(i), left.get().get(i)));
          settled = left.isEmpty();
        }
      }
    }
    for (int i = 0; i < shapes.size(); i++) {
      Value after = loop.carried().get(i).after();
      define(after, new Shaped(shapes.get(i), "'" + after.name() + "'", loop.position()));
    }
  }

  /** Whether a shape is one of those that another, of which dimensions are open, may be. */
  private static boolean covers(ShapeTerm open, ShapeTerm shape) {
    int missing = shape.dims().size() - open.dims().size();
    boolean front =
        open.row().filter(ShapeTerm.Row::open).isPresent()
            ? missing >= 0
            : missing == 0 && open.row().equals(shape.row());
    return front
        && IntStream.range(0, open.dims().size())
            .allMatch(i -> covers(open.dims().get(i), shape.dims().get(missing + i)));
  }

  private static boolean covers(Dim open, Dim dim) {
    return open.equals(dim)
        || (open.atoms().allMatch(atom -> atom instanceof Atom.Symbol(String _, boolean any) && any)
            && open.constant().isEmpty());
  }

  /** Shapes at the end of a way; empty where something does not fit there. */
  private Optional<List<ShapeTerm>> way(Block block, List<Argument.OfTensor> wanted) {
    List<WrittenArrays.Write> outer = arrays.enter();
    Optional<List<ShapeTerm>> left = within(block, wanted);
    arrays.leave(outer);
    return left;
  }

  private Optional<List<ShapeTerm>> within(Block block, List<Argument.OfTensor> wanted) {
    return solver.within(
        () -> {
          List<ShapeTerm> shapes = new ArrayList<>();
          Set<Value> outer = Set.copyOf(values.keySet());
          boolean fits =
              layer.way(
                  () -> {
                    walk(block);
                    wanted.forEach(tensor -> shapes.add(solver.resolve(shape(tensor).shape())));
                  });
          values.replaceAll(
              (value, shaped) -> outer.contains(value) ? shaped : resolved(value, shaped));
          arrays.settle(written -> fits ? resolved(written) : any("element"));
          return fits ? Optional.of(shapes) : Optional.<List<ShapeTerm>>empty();
        });
  }

  private Shaped resolved(Value value, Shaped shaped) {
    Shaped resolved = resolved(shaped);
    layer.settle(function.name(), value, resolved.shape());
    return resolved;
  }

  private Shaped resolved(Shaped shaped) {
    return new Shaped(solver.resolve(shaped.shape()), shaped.origin(), shaped.position());
  }

  private Shaped any(String origin) {
    return new Shaped(solver.freshShape(), origin, function.position());
  }

  private Shaped returned(Shaped result, SourcePosition position) {
    Optional<DeclaredShape> declared = layer.declaredResult(function.name());
    if (declared.isEmpty()) {
      return result;
    }
    ShapeTerm wanted = named(declared.get().shape());
    String found = solver.resolve(result.shape()).toString();
    if (!solver.unify(result.shape(), wanted)) {
      Shaped origin =
          new Shaped(
              wanted, "declared result of '" + function.name() + "'", declared.get().position());
      layer.report(
          position,
          "'%s' returns %s, but declares %s".formatted(function.name(), found, wanted),
          CURE,
          List.of(result, origin));
      return origin;
    }
    return result;
  }

  private void define(Value value, Shaped shaped) {
    byName.put(value.name(), value);
    Shaped known = shaped;
    Optional<DeclaredShape> declared = layer.declared(function.name(), value);
    if (declared.isPresent()) {
      ShapeTerm wanted = named(declared.get().shape());
      String found = solver.resolve(shaped.shape()).toString();
      known = new Shaped(wanted, "'" + value.name() + "'", declared.get().position());
      if (!solver.unify(shaped.shape(), wanted)) {
        layer.report(
            declared.get().position(),
            "'%s' is %s, but is declared as %s".formatted(value.name(), found, wanted),
            CURE,
            List.of(shaped, known));
      }
    }
    values.put(value, known);
    layer.note(function.name(), value, known.shape());
  }

  private Shaped call(Call call, SourcePosition position) {
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
          shape(parameter);
      case Call.OfElement(List<Argument> arguments)
          when arguments.getFirst() instanceof Argument.OfValue(Value array, var _) ->
          element(array, arguments.getLast());
      case Call.OfArray _, Call.OfElement _ -> any("element");
      case Call.OfLayer(LayerReference reference, List<Argument> arguments) ->
          subLayer(reference, arguments, position);
      case Call.OfFunction(String name, List<Argument> arguments) -> {
        Shaped returned = helper(name, arguments).result;
        yield returned == null ? any("result of '" + name + "'") : returned;
      }
    };
  }

  private Shaped subLayer(
      LayerReference subLayer, List<Argument> arguments, SourcePosition position) {
    String name = subLayer.name() + ".forward";
    Optional<ShapeRule> rule = layer.signature(subLayer);
    if (rule.isEmpty()) {
      return new Shaped(solver.freshShape(), "result of '" + name + "'", position);
    }
    Map<String, Argument> operands = new LinkedHashMap<>();
    List<String> names = rule.get().operandNames();
    List<Argument> tensors =
        arguments.stream().filter(Argument.OfTensor.class::isInstance).toList();
    for (int i = 0; i < Math.min(names.size(), tensors.size()); i++) {
      operands.put(names.get(i), tensors.get(i));
    }
    return apply(name, rule.get(), operands, layer.numbers(subLayer, rule.get()), position);
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
              tensors.put(name, shape(tensor));
              given.put(name, new Given.OfTensor(shape(tensor).shape()));
            }
            case Argument.Plain plainValue -> given.put(name, given(plainValue));
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
          CURE,
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
        case Argument.OfTensor tensor -> given.add(shape(tensor));
        case Argument.Plain number -> {
          if (formals.get(i) instanceof Formal.OfPlain(String _, String formal)) {
            number(number).ifPresent(dim -> numbers.put(formal, dim));
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

  private Shaped shape(Argument.OfTensor tensor) {
    return switch (tensor) {
      case Argument.OfParameter(ParameterModel parameter, var _) -> layer.shape(parameter);
      case Argument.OfValue(Value value, var _) -> {
        Shaped known = values.get(value);
        yield known == null ? any("'" + value.name() + "'") : known;
      }
    };
  }

  private Optional<Dim> number(Argument.Plain argument) {
    return argument.type().equals("int") ? numbers(argument).map(List::getFirst) : Optional.empty();
  }

  private Given given(Argument.Plain argument) {
    String code = argument.code();
    return code.length() > 1 && code.startsWith("\"") && code.indexOf('"', 1) == code.length() - 1
        ? new Given.OfText(code.substring(1, code.length() - 1))
        : new Given.OfPlain(numbers(argument));
  }

  private Optional<List<Dim>> numbers(Argument.Plain argument) {
    return switch (argument.code()) {
      case "true" -> Optional.of(List.of(Dim.of(1)));
      case "false" -> Optional.of(List.of(Dim.of(0)));
      default -> argument.dims().map(dims -> dims.stream().map(this::here).toList());
    };
  }

  /** A dimension with what names stand for at this place. */
  private Dim here(Dim dim) {
    return dim.map(
        atom ->
            switch (atom) {
              case Atom.Local(String name) -> {
                Dim known = plain.get(name);
                yield known == null ? solver.freshDim() : known;
              }
              case Atom.Axis(String tensor, int index) -> axis(tensor, index);
              case Atom.Unknown _ -> solver.freshDim();
              case Atom.Symbol _, Atom.Quotient _ -> names.apply(atom);
            });
  }

  private Dim axis(String tensor, int index) {
    Value value = byName.get(tensor);
    Shaped shaped = value == null ? layer.shape(tensor) : values.get(value);
    return shaped == null ? solver.freshDim() : solver.axis(shaped.shape(), index);
  }

  private ShapeTerm named(ShapeTerm shape) {
    return new ShapeTerm(shape.row(), shape.dims().stream().map(dim -> dim.map(names)).toList());
  }
}
