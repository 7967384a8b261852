package dev.mezzo.processor.dims;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Equations between dimensions and between shapes: what open symbols and rows have turned out to
 * be. An equation is false where it cannot hold; where that cannot be told it is taken as true.
 */
public final class Solver {
  private final Map<Atom.Symbol, Dim> symbols = new HashMap<>();
  private final Map<ShapeTerm.Row, ShapeTerm> rows = new HashMap<>();
  private int fresh;

  /** A solver that knows nothing yet. */
  public Solver() {}

  /**
   * Runs what holds on one way only: what it finds out is forgotten behind it. Shapes that are to
   * outlive it are resolved within.
   */
  public <T> T within(Supplier<T> way) {
    Map<Atom.Symbol, Dim> knownSymbols = new HashMap<>(symbols);
    Map<ShapeTerm.Row, ShapeTerm> knownRows = new HashMap<>(rows);
    T result = way.get();
    symbols.clear();
    symbols.putAll(knownSymbols);
    rows.clear();
    rows.putAll(knownRows);
    return result;
  }

  /** What two shapes have in common: a dimension in which they differ may be any. */
  public ShapeTerm join(ShapeTerm left, ShapeTerm right) {
    ShapeTerm a = resolve(left);
    ShapeTerm b = resolve(right);
    if (a.equals(b)) {
      return a;
    }
    int shared = Math.min(a.dims().size(), b.dims().size());
    List<Dim> dims = new ArrayList<>();
    for (int i = shared; i > 0; i--) {
      Dim dim = fromEnd(a, i);
      dims.add(dim.equals(fromEnd(b, i)) ? dim : freshDim());
    }
    boolean oneRow = a.row().equals(b.row()) && a.dims().size() == b.dims().size();
    return new ShapeTerm(oneRow ? a.row() : Optional.of(freshRow()), dims);
  }

  /** A dimension that may be any. */
  public Dim freshDim() {
    return Dim.of(new Atom.Symbol("?" + fresh++, true));
  }

  /** A shape that may be any. */
  public ShapeTerm freshShape() {
    return ShapeTerm.behind(freshRow(), List.of());
  }

  ShapeTerm.Row freshRow() {
    return new ShapeTerm.Row("?" + fresh++, true);
  }

  /** The dimension with all that is known. */
  public Dim resolve(Dim dim) {
    return dim.map(
        atom -> {
          Dim known = atom instanceof Atom.Symbol symbol ? symbols.get(symbol) : null;
          return known == null ? Dim.of(atom) : resolve(known);
        });
  }

  /** The shape with all that is known. */
  public ShapeTerm resolve(ShapeTerm shape) {
    ShapeTerm known = shape.row().map(rows::get).orElse(null);
    if (known == null) {
      return shape.map(this::resolve);
    }
    List<Dim> dims = new ArrayList<>(known.dims());
    dims.addAll(shape.dims());
    return resolve(new ShapeTerm(known.row(), dims));
  }

  /** Lets two dimensions be equal; false where they are not. */
  public boolean unify(Dim left, Dim right) {
    Dim a = resolve(left);
    Dim b = resolve(right);
    if (a.equals(b)) {
      return true;
    }
    if (binds(a, b)) {
      return bind(a.symbol().orElseThrow(), b);
    }
    if (binds(b, a)) {
      return bind(b.symbol().orElseThrow(), a);
    }
    Dim difference = a.minus(b);
    OptionalLong constant = difference.constant();
    if (constant.isPresent()) {
      return constant.getAsLong() == 0;
    }
    List<Atom.Symbol> open = open(difference);
    for (Atom.Symbol symbol : open) {
      Optional<Dim> value = difference.solvedFor(symbol);
      if (value.isPresent()) {
        return bind(symbol, value.get());
      }
    }
    return !open.isEmpty() || !comparable(difference);
  }

  /**
   * Whether nothing has to be solved, as in most equations: an open symbol and a number or another
   * symbol. Of two open ones the first by name is bound.
   */
  private static boolean binds(Dim dim, Dim value) {
    Optional<Atom.Symbol> symbol = dim.symbol().filter(Atom.Symbol::open);
    if (symbol.isEmpty() || value.constant().isPresent()) {
      return symbol.isPresent();
    }
    int order = value.symbol().map(other -> symbol.get().name().compareTo(other.name())).orElse(0);
    return order < 0 || (order > 0 && value.symbol().filter(Atom.Symbol::open).isEmpty());
  }

  private boolean bind(Atom.Symbol symbol, Dim value) {
    symbols.put(symbol, value);
    return value.constant().stream().noneMatch(number -> number < 0);
  }

  /** Whether two dimensions are known to be equal. */
  public boolean same(Dim left, Dim right) {
    return resolve(left).equals(resolve(right));
  }

  /** Whether two dimensions cannot be equal. */
  boolean differ(Dim left, Dim right) {
    Dim difference = resolve(left).minus(resolve(right));
    return difference.constant().isPresent()
        ? !difference.is(0)
        : open(difference).isEmpty() && comparable(difference);
  }

  /** Lets two shapes be equal; false where they are not. */
  public boolean unify(ShapeTerm left, ShapeTerm right) {
    ShapeTerm a = resolve(left);
    ShapeTerm b = resolve(right);
    int shared = Math.min(a.dims().size(), b.dims().size());
    boolean equal = true;
    for (int i = 1; i <= shared; i++) {
      equal &= unify(fromEnd(a, i), fromEnd(b, i));
    }
    boolean fronts = unifyFronts(front(a, shared), front(b, shared));
    return equal && fronts;
  }

  /** One of the fronts has a row alone, or nothing. */
  private boolean unifyFronts(ShapeTerm a, ShapeTerm b) {
    if (a.equals(b)) {
      return true;
    }
    if (isOpenRow(a)) {
      return bind(a.row().orElseThrow(), b);
    }
    if (isOpenRow(b)) {
      return bind(b.row().orElseThrow(), a);
    }
    return false;
  }

  private boolean bind(ShapeTerm.Row row, ShapeTerm shape) {
    if (shape.row().filter(row::equals).isPresent()) {
      return false;
    }
    rows.put(row, shape);
    return true;
  }

  private static boolean isOpenRow(ShapeTerm shape) {
    return shape.dims().isEmpty() && shape.row().filter(ShapeTerm.Row::open).isPresent();
  }

  /** A dimension of a shape; of one that it does not have nothing is known. */
  public Dim axis(ShapeTerm shape, int axis) {
    if (axis < 0) {
      expand(shape, -axis);
    }
    ShapeTerm known = resolve(shape);
    return known.index(axis).map(known.dims()::get).orElseGet(this::freshDim);
  }

  /** Gives a shape at least that many known dimensions; false where it has fewer. */
  boolean expand(ShapeTerm shape, int rank) {
    ShapeTerm known = resolve(shape);
    int missing = rank - known.dims().size();
    if (missing <= 0) {
      return true;
    }
    if (known.row().filter(ShapeTerm.Row::open).isEmpty()) {
      return false;
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < missing; i++) {
      dims.add(freshDim());
    }
    return bind(known.row().get(), ShapeTerm.behind(freshRow(), dims));
  }

  /** Lets a shape have no dimensions but its last {@code rank}; false where it has others. */
  boolean close(ShapeTerm shape, int rank) {
    return expand(shape, rank) && unifyFronts(front(resolve(shape), rank), ShapeTerm.scalar());
  }

  /**
   * The shape of element-wise work on two: a dimension of 1 is repeated. Empty where they do not
   * fit.
   */
  public Optional<ShapeTerm> broadcast(ShapeTerm left, ShapeTerm right) {
    ShapeTerm a = resolve(left);
    ShapeTerm b = resolve(right);
    int rank = Math.max(a.dims().size(), b.dims().size());
    List<Dim> dims = new ArrayList<>();
    for (int i = 1; i <= rank; i++) {
      Optional<Dim> dim =
          i > a.dims().size()
              ? Optional.of(alone(fromEnd(b, i), a))
              : i > b.dims().size()
                  ? Optional.of(alone(fromEnd(a, i), b))
                  : broadcast(fromEnd(a, i), fromEnd(b, i));
      if (dim.isEmpty()) {
        return Optional.empty();
      }
      dims.add(dim.get());
    }
    Collections.reverse(dims);
    return Optional.of(new ShapeTerm(row(a, b), dims));
  }

  /** A dimension beside which the other shape has none, or one that is not known. */
  private Dim alone(Dim dim, ShapeTerm other) {
    return other.ranked() || !dim.is(1) ? dim : freshDim();
  }

  private Optional<ShapeTerm.Row> row(ShapeTerm a, ShapeTerm b) {
    if (a.row().equals(b.row()) && a.dims().size() == b.dims().size()) {
      return a.row();
    }
    if (b.ranked() && b.dims().size() <= a.dims().size()) {
      return a.row();
    }
    return a.ranked() && a.dims().size() <= b.dims().size() ? b.row() : Optional.of(freshRow());
  }

  private Optional<Dim> broadcast(Dim a, Dim b) {
    if (a.equals(b) || b.is(1)) {
      return Optional.of(a);
    }
    if (a.is(1)) {
      return Optional.of(b);
    }
    if (differ(a, b)) {
      return Optional.empty();
    }
    return Optional.of(open(a).isEmpty() ? a : open(b).isEmpty() ? b : freshDim());
  }

  private static Dim fromEnd(ShapeTerm shape, int i) {
    return shape.dims().get(shape.dims().size() - i);
  }

  /** The shape without its last dimensions. */
  private static ShapeTerm front(ShapeTerm shape, int last) {
    return new ShapeTerm(shape.row(), shape.dims().subList(0, shape.dims().size() - last));
  }

  private static List<Atom.Symbol> open(Dim dim) {
    return dim.atoms()
        .filter(Atom.Symbol.class::isInstance)
        .map(Atom.Symbol.class::cast)
        .filter(Atom.Symbol::open)
        .distinct()
        .toList();
  }

  /** Whether all is known that there is: of quotients it is not, whether they divide. */
  private static boolean comparable(Dim dim) {
    return dim.atoms().allMatch(Atom.Symbol.class::isInstance);
  }
}
