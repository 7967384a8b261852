package dev.mezzo.processor.shape;

import dev.mezzo.processor.dims.Atom;
import dev.mezzo.processor.dims.Dim;
import dev.mezzo.processor.dims.ShapeTerm;
import dev.mezzo.processor.dims.Solver;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.DeclaredShape;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One way through a function, statement by statement. */
final class FunctionWalk {
  private final LayerWalk layer;
  private final Solver solver;
  private final FunctionModel function;
  private final KnownShapes known;
  private final WrittenArrays arrays;
  private final CallShapes calls;
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
    this.function = function;
    this.known = new KnownShapes(layer, function.position(), plain, names);
    this.arrays = new WrittenArrays(solver);
    this.calls = new CallShapes(layer, known, arrays);
    List<Value> inputs = function.inputs();
    for (int i = 0; i < inputs.size(); i++) {
      Shaped shaped = i < given.size() ? given.get(i) : known.any("'" + inputs.get(i).name() + "'");
      define(inputs.get(i), shaped);
    }
  }

  /** What the function returns. */
  Shaped result() {
    return result == null ? known.any("result of '" + function.name() + "'") : result;
  }

  /** What it returns where that is an array; empty where it is not, or nothing is known. */
  Optional<ArrayShapes> results() {
    return Optional.ofNullable(results);
  }

  /** Goes all the way. */
  FunctionWalk walk() {
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
            arrays.define(value, calls.array(call, position));
        case Statement.Apply(Value value, Call call, SourcePosition position) ->
            define(value, calls.call(call, position));
        case Statement.PlainLocal(var _, String name, Argument.Plain value, var _) -> {
          if (!changed.contains(name)) {
            known.number(value).ifPresent(dim -> known.define(name, dim));
          }
        }
        case Statement.PlainAssign _, Statement.Effect _ -> {}
        case Statement.Write write -> arrays.write(write, known.shape(write.value()));
        case Statement.If branch -> branch(branch);
        case Statement.Loop loop -> arrays.during(loop, () -> passes(loop));
        case Statement.Return(Argument.OfValue(Value array, var _), SourcePosition _)
            when array.several() ->
            results = arrays.get(array);
        case Statement.Return(Argument.OfTensor returned, SourcePosition position) ->
            result = returned(known.shape(returned), position);
      }
    }
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
    loop.carried().forEach(each -> shapes.add(solver.resolve(known.shape(each.initial()).shape())));
    List<Argument.OfTensor> next = loop.carried().stream().map(Statement.Carried::next).toList();
    for (boolean settled = false; !settled; ) {
      for (int i = 0; i < shapes.size(); i++) {
        Value inside = loop.carried().get(i).inside();
        define(inside, new Shaped(shapes.get(i), "'" + inside.name() + "'", loop.position()));
      }
      Optional<List<ShapeTerm>> left = way(loop.body(), next);
      settled = true;
      for (int i = 0; i < shapes.size(); i++) {
        if (left.isEmpty() || !shapes.get(i).covers(left.get().get(i))) {
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
          Set<Value> outer = known.values();
          boolean fits =
              layer.way(
                  () -> {
                    walk(block);
                    wanted.forEach(
                        tensor -> shapes.add(solver.resolve(known.shape(tensor).shape())));
                  });
          known.replaceAll(outer, this::resolved);
          arrays.settle(written -> fits ? resolved(written) : known.any("element"));
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

  private Shaped returned(Shaped result, SourcePosition position) {
    Optional<DeclaredShape> declared = layer.declaredResult(function.name());
    if (declared.isEmpty()) {
      return result;
    }
    ShapeTerm wanted = known.named(declared.get().shape());
    String found = solver.resolve(result.shape()).toString();
    if (!solver.unify(result.shape(), wanted)) {
      Shaped origin =
          new Shaped(
              wanted, "declared result of '" + function.name() + "'", declared.get().position());
      layer.report(
          position,
          "'%s' returns %s, but declares %s".formatted(function.name(), found, wanted),
          List.of(result, origin));
      return origin;
    }
    return result;
  }

  private void define(Value value, Shaped shaped) {
    Shaped defined = shaped;
    Optional<DeclaredShape> declared = layer.declared(function.name(), value);
    if (declared.isPresent()) {
      ShapeTerm wanted = known.named(declared.get().shape());
      String found = solver.resolve(shaped.shape()).toString();
      defined = new Shaped(wanted, "'" + value.name() + "'", declared.get().position());
      if (!solver.unify(shaped.shape(), wanted)) {
        layer.report(
            declared.get().position(),
            "'%s' is %s, but is declared as %s".formatted(value.name(), found, wanted),
            List.of(shaped, defined));
      }
    }
    known.define(value, defined);
    layer.note(function.name(), value, defined.shape());
  }
}
