package dev.mezzo.processor.dims;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Functions of rules that change how many dimensions or elements there are. */
final class ResizedShapes {

  private ResizedShapes() {}

  /** (x, dims). */
  static ShapeTerm reshape(FunctionArguments in) throws MismatchException {
    Optional<List<Dim>> wanted = in.dims(1);
    if (wanted.isEmpty()) {
      return in.any();
    }
    Optional<Dim> size = in.shape(0).size();
    List<Dim> dims = new ArrayList<>(wanted.get());
    int free = dims.indexOf(Dim.of(-1));
    if (free < 0) {
      Dim product = ShapeTerm.product(dims);
      if (size.isPresent() && !in.solver().unify(size.get(), product)) {
        throw elements(in, size.get(), dims);
      }
      return ShapeTerm.of(dims);
    }
    dims.remove(free);
    Dim others = ShapeTerm.product(dims);
    if (size.isPresent() && isFraction(size.get(), others)) {
      dims.add(free, Dim.of(-1));
      throw elements(in, size.get(), dims);
    }
    dims.add(
        free,
        size.filter(known -> isExact(known, others))
            .map(known -> known.dividedBy(others))
            .orElseGet(in.solver()::freshDim));
    return ShapeTerm.of(dims);
  }

  /** (x, dims). */
  static ShapeTerm expand(FunctionArguments in) throws MismatchException {
    Optional<List<Dim>> wanted = in.dims(1);
    if (wanted.isEmpty()) {
      return in.any();
    }
    ShapeTerm result = ShapeTerm.of(wanted.get());
    Optional<ShapeTerm> repeated = in.solver().broadcast(in.shape(0), result);
    if (repeated.isEmpty()) {
      throw new MismatchException(
          "'%s' cannot be repeated from %s to %s".formatted(in.name(0), in.shape(0), result));
    }
    return result;
  }

  /** (a, b, axis). */
  static ShapeTerm join(FunctionArguments in) throws MismatchException {
    Optional<Integer> first = in.axis(0, 2);
    Optional<Integer> second = in.axis(1, 2);
    if (first.isEmpty() || second.isEmpty()) {
      return in.any();
    }
    ShapeTerm a = in.shape(0);
    ShapeTerm b = in.shape(1);
    Dim sum = a.dims().get(first.get()).plus(b.dims().get(second.get()));
    ShapeTerm joined = a.replace(first.get(), List.of(sum));
    if (!in.solver().unify(joined, b.replace(second.get(), List.of(sum)))) {
      throw new MismatchException(
          "'%s' and '%s' differ in another dimension than axis %s"
              .formatted(in.name(0), in.name(1), in.dim(2)));
    }
    return joined;
  }

  private static MismatchException elements(FunctionArguments in, Dim size, List<Dim> dims) {
    return new MismatchException(
        "%s has %s elements, %s has not".formatted(in.shape(0), size, ShapeTerm.of(dims)));
  }

  private static boolean isExact(Dim size, Dim divisor) {
    return size.dividedBy(divisor).times(divisor).equals(size);
  }

  /** Two numbers that do not divide. */
  private static boolean isFraction(Dim size, Dim divisor) {
    return size.constant().isPresent() && divisor.constant().isPresent() && !isExact(size, divisor);
  }
}
