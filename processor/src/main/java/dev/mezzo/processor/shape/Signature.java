package dev.mezzo.processor.shape;

import dev.mezzo.processor.dims.Atom;
import dev.mezzo.processor.dims.Dim;
import dev.mezzo.processor.dims.ShapeRule;
import dev.mezzo.processor.dims.ShapeTerm;
import dev.mezzo.processor.dims.Solver;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Writes what is found of a layer's entry as a rule for its callers. */
final class Signature {
  /** Begins the names of the layer's own numbers. */
  static final String OWN = "this.";

  private final Solver solver;
  private final Set<String> ownNames;

  private Signature(Solver solver, Set<String> ownNames) {
    this.solver = solver;
    this.ownNames = ownNames;
  }

  static ShapeRule of(
      FunctionModel entry,
      List<Shaped> given,
      List<Shaped> results,
      Solver solver,
      Set<String> ownNames) {
    Signature signature = new Signature(solver, ownNames);
    List<String> operands = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    List<Value> inputs = entry.inputs();
    for (int i = 0; i < inputs.size(); i++) {
      names.add(inputs.get(i).name());
      operands.add(inputs.get(i).name() + signature.text(given.get(i).shape()));
    }
    String result =
        results.stream()
            .map(each -> signature.text(each.shape()))
            .collect(Collectors.joining(", "));
    return ShapeRule.parse(String.join(", ", operands) + " -> " + result, names);
  }

  private String text(ShapeTerm shape) {
    ShapeTerm resolved = solver.resolve(shape);
    List<String> parts = new ArrayList<>();
    resolved.row().ifPresent(row -> parts.add(row(row) + "..."));
    resolved.dims().forEach(dim -> parts.add(dim.map(this::named).toString()));
    return "(" + String.join(", ", parts) + ")";
  }

  private static String row(ShapeTerm.Row row) {
    return row.name().equals("...") ? "rest" : row.name().replace("?", "row");
  }

  private Dim named(Atom atom) {
    return switch (atom) {
      case Atom.Symbol(String name, boolean open) when name.startsWith("?") ->
          Dim.symbol(name.replace("?", "dim"));
      case Atom.Symbol(String name, boolean open) when open || ownNames.contains(name) ->
          Dim.symbol(OWN + name);
      case Atom.Symbol symbol -> Dim.of(symbol);
      case Atom.Quotient _, Atom.Axis _, Atom.Local _, Atom.Unknown _ -> Dim.symbol("unknown");
    };
  }
}
