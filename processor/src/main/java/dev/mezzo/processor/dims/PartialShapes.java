package dev.mezzo.processor.dims;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/** Functions of rules that take parts of dimensions, or whole ones, away, or add to them. */
final class PartialShapes {

  private PartialShapes() {}

  /** (x, axes, keep). */
  static ShapeTerm reduce(FunctionArguments in) throws MismatchException {
    Optional<List<Long>> axes = numbers(in, 1);
    OptionalLong keep = in.dim(2).constant();
    if (axes.isEmpty() || keep.isEmpty()) {
      return in.any();
    }
    for (long axis : axes.get()) {
      in.index(0, axis); // makes the dimensions known that it counts from the end
    }
    TreeSet<Integer> places = new TreeSet<>();
    for (long axis : axes.get()) {
      Optional<Integer> place = in.index(0, axis);
      if (place.isEmpty()) {
        return in.any();
      }
      places.add(place.get());
    }
    ShapeTerm reduced = in.shape(0);
    for (int place : places.descendingSet()) {
      reduced = reduced.replace(place, keep.getAsLong() == 0 ? List.of() : List.of(Dim.of(1)));
    }
    return reduced;
  }

  /** (x, axis, from, to). */
  static ShapeTerm slice(FunctionArguments in) throws MismatchException {
    Optional<Integer> axis = in.axis(0, 1);
    if (axis.isEmpty()) {
      return in.any();
    }
    Dim dim = in.shape(0).dims().get(axis.get());
    return in.shape(0).replace(axis.get(), List.of(length(dim, in.dim(2), in.dim(3), in)));
  }

  /** (x, from, to). */
  static ShapeTerm crop(FunctionArguments in) throws MismatchException {
    return each(in, (dim, from, to) -> length(dim, from, to, in));
  }

  /** (x, before, after). */
  static ShapeTerm pad(FunctionArguments in) throws MismatchException {
    return each(in, (dim, before, after) -> dim.plus(before).plus(after));
  }

  private static ShapeTerm each(FunctionArguments in, Change change) throws MismatchException {
    Optional<List<Dim>> first = in.dims(1);
    Optional<List<Dim>> second = in.dims(2);
    if (first.isEmpty() || second.isEmpty()) {
      return in.any();
    }
    int rank = first.get().size();
    if (second.get().size() != rank || !in.solver().close(in.shape(0), rank)) {
      throw new MismatchException(
          "there are %d and %d numbers for the dimensions of '%s'"
              .formatted(rank, second.get().size(), in.name(0)));
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      dims.add(change.of(in.shape(0).dims().get(i), first.get().get(i), second.get().get(i)));
    }
    return ShapeTerm.of(dims);
  }

  /** What becomes of one dimension. */
  private interface Change {
    Dim of(Dim dim, Dim first, Dim second);
  }

  /** Numbers below 0 count from the end; of which it is not known, nothing is known. */
  private static Dim length(Dim dim, Dim from, Dim to, FunctionArguments in) {
    Optional<Dim> start = place(dim, from);
    Optional<Dim> end = place(dim, to);
    return start.isPresent() && end.isPresent()
        ? end.get().minus(start.get())
        : in.solver().freshDim();
  }

  private static Optional<Dim> place(Dim dim, Dim number) {
    OptionalLong constant = number.constant();
    if (constant.isPresent()) {
      return Optional.of(constant.getAsLong() < 0 ? dim.plus(number) : number);
    }
    return number.equals(dim) ? Optional.of(dim) : Optional.empty();
  }

  private static Optional<List<Long>> numbers(FunctionArguments in, int argument) {
    return in.dims(argument)
        .filter(dims -> dims.stream().allMatch(dim -> dim.constant().isPresent()))
        .map(dims -> dims.stream().map(dim -> dim.constant().getAsLong()).toList());
  }
}
