package dev.mezzo.processor.dims;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Functions of rules that move dimensions. */
final class ReorderedShapes {

  private ReorderedShapes() {}

  /** (x, axis, dim). */
  static ShapeTerm insert(FunctionArguments in) {
    return insert(in.shape(0), in.dim(1), in.dim(2)).orElseGet(in::any);
  }

  /** With one more dimension, which becomes {@code axis}; empty where that is not known. */
  static Optional<ShapeTerm> insert(ShapeTerm x, Dim where, Dim dim) {
    OptionalLong axis = where.constant();
    if (axis.isEmpty()) {
      return Optional.empty();
    }
    long at = axis.getAsLong() < 0 ? axis.getAsLong() + x.dims().size() + 1 : axis.getAsLong();
    boolean known = axis.getAsLong() < 0 || x.ranked();
    if (!known || at < 0 || at > x.dims().size()) {
      return Optional.empty();
    }
    List<Dim> dims = new ArrayList<>(x.dims());
    dims.add((int) at, dim);
    return Optional.of(new ShapeTerm(x.row(), dims));
  }

  /** (x, axis, axis). */
  static ShapeTerm swap(FunctionArguments in) throws MismatchException {
    in.axis(0, 1); // makes the dimensions known that it counts from the end
    Optional<Integer> second = in.axis(0, 2);
    Optional<Integer> first = in.axis(0, 1);
    ShapeTerm x = in.shape(0);
    if (first.isEmpty() || second.isEmpty()) {
      return in.any();
    }
    List<Dim> dims = new ArrayList<>(x.dims());
    Collections.swap(dims, first.get(), second.get());
    return new ShapeTerm(x.row(), dims);
  }

  /** (x, axes). */
  static ShapeTerm permute(FunctionArguments in) throws MismatchException {
    Optional<List<Dim>> axes = in.dims(1);
    if (axes.isEmpty()) {
      return in.any();
    }
    int rank = axes.get().size();
    if (!in.solver().close(in.shape(0), rank)) {
      throw new MismatchException(
          "'%s' is %s, but there are %d axes".formatted(in.name(0), in.shape(0), rank));
    }
    List<Dim> dims = new ArrayList<>();
    for (Dim axis : axes.get()) {
      OptionalLong number = axis.constant();
      dims.add(
          number.isEmpty()
              ? in.solver().freshDim()
              : in.shape(0).dims().get(in.index(0, number.getAsLong()).orElseThrow()));
    }
    return ShapeTerm.of(dims);
  }
}
