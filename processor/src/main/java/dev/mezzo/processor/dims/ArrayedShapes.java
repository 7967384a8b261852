package dev.mezzo.processor.dims;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Functions of rules of arrays of tensors. */
final class ArrayedShapes {

  private ArrayedShapes() {}

  /** (parts, axis). */
  static ShapeTerm stack(FunctionArguments in) throws MismatchException {
    Given.OfTensors parts = in.tensors(0);
    Optional<ShapeTerm> each = parts.common();
    Dim number = in.solver().freshDim();
    if (parts.all().isPresent() && !parts.all().get().isEmpty()) {
      List<ShapeTerm> all = parts.all().get();
      for (int i = 1; i < all.size(); i++) {
        if (!in.solver().unify(all.getFirst(), all.get(i))) {
          throw new MismatchException(
              "'%s[0]' and '%s[%d]' differ".formatted(in.name(0), in.name(0), i));
        }
      }
      each = Optional.of(all.getFirst());
      number = Dim.of(all.size());
    }
    Dim count = number;
    return each.map(shape -> ReorderedShapes.insert(in.solver().resolve(shape), in.dim(1), count))
        .flatMap(inserted -> inserted)
        .orElseGet(in::any);
  }

  /** (parts, axis). */
  static ShapeTerm concat(FunctionArguments in) throws MismatchException {
    Given.OfTensors parts = in.tensors(0);
    if (parts.all().isEmpty() || parts.all().get().isEmpty()) {
      return parts.common().isEmpty()
          ? in.any()
          : along(in, parts.common().get(), in.solver().freshDim());
    }
    List<ShapeTerm> all = parts.all().get();
    ShapeTerm first = in.solver().resolve(all.getFirst());
    Optional<Integer> axis = in.axis(first, in.name(0) + "[0]", 1);
    if (axis.isEmpty()) {
      return in.any();
    }
    Dim sum = first.dims().get(axis.get());
    for (int i = 1; i < all.size(); i++) {
      Optional<Integer> at = in.axis(all.get(i), in.name(0) + "[" + i + "]", 1);
      if (at.isEmpty()) {
        return in.any();
      }
      ShapeTerm part = in.solver().resolve(all.get(i));
      Dim length = part.dims().get(at.get());
      if (!in.solver().unify(part, first.replace(axis.get(), List.of(length)))) {
        throw new MismatchException(
            "'%s[0]' and '%s[%d]' differ in another dimension than axis %s"
                .formatted(in.name(0), in.name(0), i, in.dim(1)));
      }
      sum = sum.plus(length);
    }
    return along(in, in.solver().resolve(first), sum);
  }

  private static ShapeTerm along(FunctionArguments in, ShapeTerm shape, Dim length)
      throws MismatchException {
    return in.axis(shape, in.name(0), 1)
        .map(at -> in.solver().resolve(shape).replace(at, List.of(length)))
        .orElseGet(in::any);
  }

  /** (x, axis, lengths). */
  static ShapeTerm split(FunctionArguments in) throws MismatchException {
    Optional<Integer> axis = in.axis(0, 1);
    if (axis.isEmpty()) {
      return in.any();
    }
    Optional<List<Dim>> lengths = in.dims(2);
    if (lengths.isPresent()) {
      Dim sum = lengths.get().stream().reduce(Dim.of(0), Dim::plus);
      Dim whole = in.shape(0).dims().get(axis.get());
      if (!in.solver().unify(whole, sum)) {
        throw new MismatchException(
            "the parts are %s together, but axis %s of '%s' is %s"
                .formatted(sum, in.dim(1), in.name(0), whole));
      }
    }
    boolean alike = lengths.filter(all -> all.stream().distinct().count() == 1).isPresent();
    Dim length = alike ? lengths.get().getFirst() : in.solver().freshDim();
    return in.shape(0).replace(axis.get(), List.of(length));
  }

  /** Of the same each part. */
  static Optional<List<ShapeTerm>> parts(FunctionArguments in) throws MismatchException {
    Optional<Integer> axis = in.axis(0, 1);
    if (axis.isEmpty() || in.dims(2).isEmpty()) {
      return Optional.empty();
    }
    List<ShapeTerm> parts = new ArrayList<>();
    for (Dim length : in.dims(2).get()) {
      parts.add(in.shape(0).replace(axis.get(), List.of(length)));
    }
    return Optional.of(parts);
  }
}
