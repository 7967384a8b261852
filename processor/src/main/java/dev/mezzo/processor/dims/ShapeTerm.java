package dev.mezzo.processor.dims;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A shape, as far as it is known.
 *
 * @param row stands for any number of dimensions in front; empty where there are no others
 * @param dims the last dimensions
 */
public record ShapeTerm(Optional<Row> row, List<Dim> dims) {

  /**
   * A number of dimensions under one name.
   *
   * @param open whether it may still turn out to be any others
   */
  public record Row(String name, boolean open) {
    boolean isNamed() {
      return Character.isJavaIdentifierStart(name.charAt(0));
    }
  }

  /** All dimensions. */
  public static ShapeTerm of(List<Dim> dims) {
    return new ShapeTerm(Optional.empty(), List.copyOf(dims));
  }

  /** A scalar's. */
  public static ShapeTerm scalar() {
    return of(List.of());
  }

  /** Dimensions behind a row. */
  public static ShapeTerm behind(Row row, List<Dim> dims) {
    return new ShapeTerm(Optional.of(row), List.copyOf(dims));
  }

  /** Whether the number of dimensions is known. */
  public boolean ranked() {
    return row.isEmpty();
  }

  /** The place of an axis in the known dimensions; empty where it is not among them. */
  public Optional<Integer> index(long axis) {
    if (axis < 0 ? -axis > dims.size() : row.isPresent() || axis >= dims.size()) {
      return Optional.empty();
    }
    return Optional.of((int) (axis < 0 ? axis + dims.size() : axis));
  }

  /** The number of elements, where it is known. */
  public Optional<Dim> size() {
    return row.isPresent() ? Optional.empty() : Optional.of(product(dims));
  }

  static Dim product(List<Dim> dims) {
    return dims.stream().reduce(Dim.of(1), Dim::times);
  }

  ShapeTerm map(Function<Dim, Dim> replacement) {
    List<Dim> mapped = new ArrayList<>(dims.size());
    dims.forEach(dim -> mapped.add(replacement.apply(dim)));
    return new ShapeTerm(row, Collections.unmodifiableList(mapped));
  }

  /** The known dimensions with one replaced by others, or by none. */
  ShapeTerm replace(int index, List<Dim> by) {
    List<Dim> replaced = new ArrayList<>(dims);
    replaced.remove(index);
    replaced.addAll(index, by);
    return new ShapeTerm(row, Collections.unmodifiableList(replaced));
  }

  /** Whether a shape is one of those that this one, of which dimensions are open, may be. */
  public boolean covers(ShapeTerm shape) {
    int missing = shape.dims.size() - dims.size();
    boolean front =
        row.filter(Row::open).isPresent() ? missing >= 0 : missing == 0 && row.equals(shape.row);
    return front
        && IntStream.range(0, dims.size())
            .allMatch(i -> dims.get(i).covers(shape.dims.get(missing + i)));
  }

  /** As in {@code (batch, 784)} or {@code (..., 10)}. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    row.ifPresent(known -> parts.add(known.isNamed() ? known.name() + "..." : "..."));
    dims.forEach(dim -> parts.add(dim.toString()));
    return "(" + String.join(", ", parts) + ")";
  }
}
