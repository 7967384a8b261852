package dev.mezzo.processor.dims;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the names in a rule stand for in one call: a plain operand's number, or what is found. */
final class NamedDims {
  private final Map<String, Given> given;
  private final Solver solver;
  private final Map<String, Dim> dims = new HashMap<>();
  private final Map<String, String> owners = new HashMap<>();

  NamedDims(Map<String, Given> given, Solver solver) {
    this.given = given;
    this.solver = solver;
  }

  /** A dimension of the rule, in this call. */
  Dim instantiate(Dim written) {
    return written.map(
        atom ->
            atom instanceof Atom.Symbol(String name, boolean open)
                ? dims.computeIfAbsent(name, this::dim)
                : Dim.of(atom));
  }

  /** Notes in which operand a name was met first. */
  void meet(Dim written, String operand) {
    name(written).ifPresent(name -> owners.putIfAbsent(name, operand));
  }

  /** In which operand a name was met first. */
  Optional<String> owner(String name) {
    return Optional.ofNullable(owners.get(name));
  }

  /** The name that the dimension is, if it is one. */
  static Optional<String> name(Dim written) {
    return written.symbol().map(Atom.Symbol::name);
  }

  private Dim dim(String name) {
    return given.get(name) instanceof Given.OfPlain(Optional<List<Dim>> numbers)
            && numbers.filter(known -> known.size() == 1).isPresent()
        ? numbers.get().getFirst()
        : solver.freshDim();
  }
}
