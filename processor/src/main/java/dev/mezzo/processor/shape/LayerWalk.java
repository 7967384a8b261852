package dev.mezzo.processor.shape;

import dev.mezzo.processor.dims.Atom;
import dev.mezzo.processor.dims.Dim;
import dev.mezzo.processor.dims.ShapeRule;
import dev.mezzo.processor.dims.ShapeTerm;
import dev.mezzo.processor.dims.Solver;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.Construction;
import dev.mezzo.processor.model.DeclaredShape;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.LayerReference;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Note;
import dev.mezzo.processor.problem.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One way through a layer, with its sub-layers and parameters as one place makes them. */
final class LayerWalk {
  private final LayerModel layer;
  private final Function<ClassName, Optional<ShapeRule>> signatures;
  private final Construction construction;
  private final Solver solver = new Solver();
  private final Set<String> ownNames = new HashSet<>();
  private final Map<String, Shaped> parameters = new HashMap<>();
  private final Map<String, Map<Value, ShapeTerm>> values = new HashMap<>();
  private final List<Problem> problems = new ArrayList<>();
  private int ways;
  private int flaws;
  private final ShapeRule signature;

  private LayerWalk(
      LayerModel layer,
      Function<ClassName, Optional<ShapeRule>> signatures,
      Construction construction) {
    this.layer = layer;
    this.signatures = signatures;
    this.construction = construction;
    ownNames.addAll(layer.shapes().numbers());
    layer
        .shapes()
        .fields()
        .values()
        .forEach(
            field ->
                field.shape().dims().stream()
                    .flatMap(Dim::atoms)
                    .filter(Atom.Symbol.class::isInstance)
                    .forEach(symbol -> ownNames.add(((Atom.Symbol) symbol).name())));
    layer.parameters().forEach(this::parameter);
    this.signature = entry();
  }

  static LayerWalk walk(
      LayerModel layer,
      Function<ClassName, Optional<ShapeRule>> signatures,
      Construction construction) {
    return new LayerWalk(layer, signatures, construction);
  }

  Map<String, Map<Value, ShapeTerm>> values() {
    Map<String, Map<Value, ShapeTerm>> resolved = new HashMap<>();
    values.forEach(
        (function, shapes) -> {
          Map<Value, ShapeTerm> of = new HashMap<>();
          shapes.forEach((value, shape) -> of.put(value, solver.resolve(shape)));
          resolved.put(function, of);
        });
    return resolved;
  }

  List<Problem> problems() {
    return problems;
  }

  ShapeRule signature() {
    return signature;
  }

  Solver solver() {
    return solver;
  }

  private void parameter(ParameterModel parameter) {
    DeclaredShape declared = layer.shapes().fields().get(parameter.name());
    DeclaredShape made = construction.parameters().get(parameter.name());
    if (declared != null && made != null && !solver.unify(declared.shape(), open(made.shape()))) {
      problems.add(
          Catalogue.SHAPE_MISMATCH
              .at(
                  made.position(),
                  "parameter '%s' is made with %s, but is declared as %s"
                      .formatted(parameter.name(), made.shape(), declared.shape()),
                  "correct one of them")
              .with(List.of(new Note("declared here", declared.position()))));
    }
    DeclaredShape known = declared == null ? made : declared;
    parameters.put(
        parameter.name(),
        new Shaped(
            known == null ? solver.freshShape() : open(known.shape()),
            "parameter '" + parameter.name() + "'",
            known == null ? parameter.position() : known.position()));
  }

  private ShapeRule entry() {
    FunctionModel entry = layer.entry();
    List<Shaped> given = new ArrayList<>();
    for (Value input : entry.inputs()) {
      given.add(
          new Shaped(
              solver.freshShape(),
              "'" + input.name() + "' of '" + entry.name() + "'",
              entry.position()));
    }
    FunctionWalk walk = new FunctionWalk(this, entry, given, Map.of(), atom -> Dim.of(atom)).walk();
    List<Shaped> results =
        walk.results()
            .flatMap(ArrayShapes::all)
            .filter(all -> all.size() > 1)
            .orElseGet(() -> List.of(walk.result()));
    return Signature.of(entry, given, results, solver, ownNames);
  }

  /** A helper's result for what one call gives it; its own names are the call's. */
  FunctionWalk helper(String name, List<Shaped> given, Map<String, Dim> plain) {
    Map<String, Dim> fresh = new HashMap<>();
    return new FunctionWalk(
            this,
            function(name),
            given,
            plain,
            atom ->
                atom instanceof Atom.Symbol(String symbol, boolean open)
                        && !open
                        && !ownNames.contains(symbol)
                    ? fresh.computeIfAbsent(symbol, _ -> solver.freshDim())
                    : Dim.of(atom))
        .walk();
  }

  FunctionModel function(String name) {
    return layer.functions().stream()
        .filter(function -> function.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  Optional<DeclaredShape> declared(String function, Value value) {
    return Optional.ofNullable(layer.shapes().values().getOrDefault(function, Map.of()).get(value));
  }

  Optional<DeclaredShape> declaredResult(String function) {
    return Optional.ofNullable(layer.shapes().results().get(function));
  }

  Shaped shape(ParameterModel parameter) {
    Shaped known = parameters.get(parameter.name());
    return known == null
        ? new Shaped(solver.freshShape(), "'" + parameter.name() + "'", parameter.position())
        : known;
  }

  /** The shape of {@code this.field}. */
  @Nullable Shaped shape(String name) {
    return parameters.get(name.replace(Signature.OWN, ""));
  }

  /** A sub-layer's rule, and its own numbers as this layer knows them. */
  Optional<ShapeRule> signature(LayerReference subLayer) {
    return signatures.apply(subLayer.field().type());
  }

  /** Of one of several layers in a field nothing is known: they are different layers. */
  Map<String, Dim> numbers(LayerReference subLayer, ShapeRule rule) {
    Map<String, Dim> known = construction.subLayers().getOrDefault(subLayer.name(), Map.of());
    Map<String, Dim> numbers = new LinkedHashMap<>();
    for (String name : rule.names()) {
      if (name.startsWith(Signature.OWN)) {
        String own = name.substring(Signature.OWN.length());
        Dim given = known.get(own);
        numbers.put(name, given == null ? unknown(subLayer, own) : openUnknown(given));
      }
    }
    return numbers;
  }

  private Dim unknown(LayerReference subLayer, String own) {
    return subLayer.element().isPresent()
        ? solver.freshDim()
        : Dim.of(new Atom.Symbol(subLayer.name() + "." + own, true));
  }

  /**
   * Walks a way that is not always taken. What does not fit there is no error: the code may never
   * run for such shapes. Returns whether all did.
   */
  boolean way(Runnable walk) {
    int before = flaws;
    ways++;
    walk.run();
    ways--;
    return flaws == before;
  }

  /** On a way that is not always taken, what is known of another call is left. */
  void note(String function, Value value, ShapeTerm shape) {
    if (ways == 0 || !values.getOrDefault(function, Map.of()).containsKey(value)) {
      settle(function, value, shape);
    }
  }

  void settle(String function, Value value, ShapeTerm shape) {
    values.computeIfAbsent(function, _ -> new HashMap<>()).put(value, shape);
  }

  void report(SourcePosition position, String found, List<Shaped> origins) {
    flaws++;
    if (ways > 0) {
      return;
    }
    List<Note> notes =
        origins.stream()
            .map(
                origin ->
                    new Note(
                        "%s is %s".formatted(origin.origin(), solver.resolve(origin.shape())),
                        origin.position()))
            .distinct()
            .toList();
    problems.add(Catalogue.SHAPE_MISMATCH.at(position, found, "change one of them").with(notes));
  }

  private ShapeTerm open(ShapeTerm shape) {
    return new ShapeTerm(shape.row(), shape.dims().stream().map(this::openUnknown).toList());
  }

  /** What is not known may be anything. */
  private Dim openUnknown(Dim dim) {
    return dim.map(atom -> atom instanceof Atom.Unknown ? solver.freshDim() : Dim.of(atom));
  }
}
