package dev.mezzo.processor.dims;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One dimension: a polynomial of {@link Atom}s with integer coefficients, in normal form. Equal
 * polynomials are equal objects; quotients by a number are reduced, so {@code (h - 1)/2 + 1} is
 * {@code (h + 1)/2}.
 */
public final class Dim {
  private static final Comparator<List<Atom>> DIFFERENT =
      Comparator.<List<Atom>>comparingInt(List::size).reversed().thenComparing(Dim::keys);

  /** Most that are compared are equal, and a map compares its first key with itself. */
  private static final Comparator<List<Atom>> ORDER =
      (a, b) -> a.equals(b) ? 0 : DIFFERENT.compare(a, b);

  /** Coefficient of each product of atoms; the empty product is the constant. */
  private final SortedMap<List<Atom>, Long> terms;

  /** Takes the map over. */
  private Dim(SortedMap<List<Atom>, Long> terms) {
    terms.values().removeIf(coefficient -> coefficient == 0);
    this.terms = terms;
  }

  private static Dim of(List<Atom> product, long coefficient) {
    TreeMap<List<Atom>, Long> terms = new TreeMap<>(ORDER);
    terms.put(product, coefficient);
    return new Dim(terms);
  }

  /** A number. */
  public static Dim of(long value) {
    return of(List.of(), value);
  }

  /** An atom. */
  public static Dim of(Atom atom) {
    return of(List.of(atom), 1);
  }

  /** A symbol that stands for every number. */
  public static Dim symbol(String name) {
    return of(new Atom.Symbol(name, false));
  }

  /** The value of a number. */
  public OptionalLong constant() {
    if (terms.isEmpty()) {
      return OptionalLong.of(0);
    }
    return terms.size() == 1 && terms.firstKey().isEmpty()
        ? OptionalLong.of(terms.firstEntry().getValue())
        : OptionalLong.empty();
  }

  /** The symbol that it is, as most dimensions are; empty where it is anything else. */
  Optional<Atom.Symbol> symbol() {
    return atom() instanceof Atom.Symbol symbol ? Optional.of(symbol) : Optional.empty();
  }

  private @Nullable Atom atom() {
    return terms.size() == 1 && terms.firstKey().size() == 1 && terms.firstEntry().getValue() == 1
        ? terms.firstKey().getFirst()
        : null;
  }

  /** Whether it is that number. */
  public boolean is(long value) {
    OptionalLong constant = constant();
    return constant.isPresent() && constant.getAsLong() == value;
  }

  /** Whether a dimension is one of those that this one may be: itself, or any if it is open. */
  boolean covers(Dim dim) {
    return equals(dim)
        || (atoms().allMatch(atom -> atom instanceof Atom.Symbol(String _, boolean open) && open)
            && constant().isEmpty());
  }

  /** All atoms, those within quotients too. */
  public Stream<Atom> atoms() {
    return terms.keySet().stream()
        .flatMap(List::stream)
        .flatMap(
            atom ->
                atom instanceof Atom.Quotient(Dim dividend, Dim divisor)
                    ? Stream.concat(
                        Stream.of(atom), Stream.concat(dividend.atoms(), divisor.atoms()))
                    : Stream.of(atom));
  }

  /** The sum. */
  public Dim plus(Dim other) {
    TreeMap<List<Atom>, Long> sum = new TreeMap<>(terms);
    other.terms.forEach((product, coefficient) -> sum.merge(product, coefficient, Math::addExact));
    return new Dim(sum);
  }

  /** The difference. */
  public Dim minus(Dim other) {
    return plus(other.times(of(-1)));
  }

  /** The product; of one that exceeds 64 bits nothing is known. */
  public Dim times(Dim other) {
    try {
      return product(other);
    } catch (ArithmeticException overflow) {
      return of(new Atom.Unknown());
    }
  }

  private Dim product(Dim other) {
    TreeMap<List<Atom>, Long> product = new TreeMap<>(ORDER);
    terms.forEach(
        (left, a) ->
            other.terms.forEach(
                (right, b) ->
                    product.merge(
                        multiply(left, right), Math.multiplyExact(a, b), Math::addExact)));
    return new Dim(product);
  }

  /** The quotient, rounded down; of a division by 0 nothing is known. */
  public Dim dividedBy(Dim divisor) {
    if (divisor.terms.isEmpty()) {
      return of(new Atom.Unknown());
    }
    if (divisor.constant().isPresent()) {
      return dividedBy(divisor.constant().getAsLong());
    }
    return divisor.terms.size() == 1 && terms.keySet().stream().allMatch(p -> divides(divisor, p))
        ? dividedExactly(divisor)
        : of(new Atom.Quotient(this, divisor));
  }

  /** {@code floor((q·d + r)/d) = q + floor(r/d)}, for each coefficient. */
  private Dim dividedBy(long divisor) {
    TreeMap<List<Atom>, Long> whole = new TreeMap<>(ORDER);
    TreeMap<List<Atom>, Long> rest = new TreeMap<>(ORDER);
    terms.forEach(
        (product, coefficient) -> {
          whole.put(product, Math.floorDiv(coefficient, divisor));
          rest.put(product, Math.floorMod(coefficient, divisor));
        });
    Dim remainder = new Dim(rest);
    if (remainder.constant().isPresent()) {
      return new Dim(whole);
    }
    return new Dim(whole).plus(of(new Atom.Quotient(remainder, of(divisor))));
  }

  private boolean divides(Dim divisor, List<Atom> product) {
    long coefficient = divisor.terms.firstEntry().getValue();
    List<Atom> rest = new ArrayList<>(product);
    return divisor.terms.firstKey().stream().allMatch(rest::remove)
        && terms.getOrDefault(product, 0L) % coefficient == 0;
  }

  private Dim dividedExactly(Dim divisor) {
    TreeMap<List<Atom>, Long> quotient = new TreeMap<>(ORDER);
    long by = divisor.terms.firstEntry().getValue();
    terms.forEach(
        (product, coefficient) -> {
          List<Atom> rest = new ArrayList<>(product);
          divisor.terms.firstKey().forEach(rest::remove);
          quotient.put(List.copyOf(rest), coefficient / by);
        });
    return new Dim(quotient);
  }

  /** The dimension with each atom replaced. */
  public Dim map(Function<Atom, Dim> replacement) {
    Atom alone = atom();
    if (alone != null) {
      return map(alone, replacement);
    }
    if (constant().isPresent()) {
      return this;
    }
    Dim sum = of(0);
    for (Map.Entry<List<Atom>, Long> term : terms.entrySet()) {
      Dim product = of(term.getValue());
      for (Atom atom : term.getKey()) {
        product = product.times(map(atom, replacement));
      }
      sum = sum.plus(product);
    }
    return sum;
  }

  private static Dim map(Atom atom, Function<Atom, Dim> replacement) {
    return atom instanceof Atom.Quotient(Dim dividend, Dim divisor)
        ? dividend.map(replacement).dividedBy(divisor.map(replacement))
        : replacement.apply(atom);
  }

  /**
   * The atom's value where this dimension is 0; empty where it occurs in a product or quotient, or
   * has a coefficient that does not divide the rest.
   */
  Optional<Dim> solvedFor(Atom atom) {
    Long coefficient = terms.get(List.of(atom));
    if (coefficient == null || atoms().filter(atom::equals).count() != 1) {
      return Optional.empty();
    }
    Dim rest = minus(of(atom).times(of(coefficient)));
    boolean whole = rest.terms.values().stream().allMatch(c -> c % coefficient == 0);
    return whole ? Optional.of(rest.dividedBy(-coefficient)) : Optional.empty();
  }

  /** In parentheses, where it is a sum or product. */
  String grouped() {
    String text = toString();
    return text.matches("[\\w.?]+") ? text : "(" + text + ")";
  }

  @Override
  public boolean equals(Object other) {
    return this == other || (other instanceof Dim dim && sameTerms(dim));
  }

  /** Both are in order: nothing has to be looked up. */
  private boolean sameTerms(Dim other) {
    if (terms.size() != other.terms.size()) {
      return false;
    }
    Iterator<Map.Entry<List<Atom>, Long>> others = other.terms.entrySet().iterator();
    for (Map.Entry<List<Atom>, Long> term : terms.entrySet()) {
      if (!term.equals(others.next())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int hashCode() {
    return terms.hashCode();
  }

  /** As in {@code 2*hidden + 1}. */
  @Override
  public String toString() {
    StringBuilder sum = new StringBuilder();
    terms.forEach(
        (product, coefficient) -> {
          boolean negative = coefficient < 0;
          sum.append(sum.isEmpty() ? negative ? "-" : "" : negative ? " - " : " + ");
          long magnitude = Math.abs(coefficient);
          if (product.isEmpty()) {
            sum.append(magnitude);
          } else {
            sum.append(magnitude == 1 ? "" : magnitude + "*").append(text(product));
          }
        });
    return sum.isEmpty() ? "0" : sum.toString();
  }

  private static List<Atom> multiply(List<Atom> left, List<Atom> right) {
    List<Atom> product = new ArrayList<>(left);
    product.addAll(right);
    product.sort(Comparator.comparing(Dim::key));
    return List.copyOf(product);
  }

  /** Tells open symbols apart that are printed alike. */
  private static String key(Atom atom) {
    return atom instanceof Atom.Symbol symbol ? symbol.name() : atom.toString();
  }

  private static String keys(List<Atom> product) {
    return String.join("*", product.stream().map(Dim::key).toList());
  }

  private static String text(List<Atom> product) {
    return String.join("*", product.stream().map(Atom::toString).toList());
  }
}
