package dev.mezzo.processor.shape;

import dev.mezzo.processor.dims.Atom;
import dev.mezzo.processor.dims.Dim;
import dev.mezzo.processor.dims.Given;
import dev.mezzo.processor.dims.ShapeTerm;
import dev.mezzo.processor.dims.Solver;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/** What is known at a place of a walk: shapes of values, numbers that names stand for. */
final class KnownShapes {
  private final LayerWalk layer;
  private final Solver solver;
  private final SourcePosition place;
  private final Function<Atom, Dim> names;
  private final Map<Value, Shaped> values = new HashMap<>();
  private final Map<String, Value> byName = new HashMap<>();
  private final Map<String, Dim> plain;

  /**
   * Knows the given numbers.
   *
   * @param place of what nothing is known of
   * @param names what the names in declarations stand for
   */
  KnownShapes(
      LayerWalk layer, SourcePosition place, Map<String, Dim> plain, Function<Atom, Dim> names) {
    this.layer = layer;
    this.solver = layer.solver();
    this.place = place;
    this.names = names;
    this.plain = new HashMap<>(plain);
  }

  void define(Value value, Shaped shaped) {
    byName.put(value.name(), value);
    values.put(value, shaped);
  }

  void define(String name, Dim number) {
    plain.put(name, number);
  }

  Set<Value> values() {
    return Set.copyOf(values.keySet());
  }

  /** Changes what is known of all values but the given ones. */
  void replaceAll(Set<Value> except, BiFunction<Value, Shaped, Shaped> change) {
    values.replaceAll(
        (value, shaped) -> except.contains(value) ? shaped : change.apply(value, shaped));
  }

  Shaped any(String origin) {
    return new Shaped(solver.freshShape(), origin, place);
  }

  Shaped shape(Argument.OfTensor tensor) {
    return switch (tensor) {
      case Argument.OfParameter(ParameterModel parameter, var _) -> layer.shape(parameter);
      case Argument.OfValue(Value value, var _) -> {
        Shaped known = values.get(value);
        yield known == null ? any("'" + value.name() + "'") : known;
      }
    };
  }

  Optional<Dim> number(Argument.Plain argument) {
    return argument.type().equals("int") ? numbers(argument).map(List::getFirst) : Optional.empty();
  }

  Given given(Argument.Plain argument) {
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

  ShapeTerm named(ShapeTerm shape) {
    return new ShapeTerm(shape.row(), shape.dims().stream().map(dim -> dim.map(names)).toList());
  }
}
