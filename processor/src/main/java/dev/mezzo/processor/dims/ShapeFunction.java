package dev.mezzo.processor.dims;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What rules can do with a shape besides naming its dimensions. */
enum ShapeFunction {
  /** {@code drop(x, axis)}: without that dimension. */
  DROP(2),
  /** {@code insert(x, axis, dim)}: with one more, which becomes {@code axis} of the result. */
  INSERT(3),
  /** {@code set(x, axis, dim)}: with another in its place. */
  SET(3),
  /** {@code swap(x, axis, axis)}: with two of them exchanged. */
  SWAP(3),
  /** {@code permute(x, axes)}: in that order. */
  PERMUTE(2),
  /** {@code reshape(x, dims)}: of as many elements; one of the dimensions may be −1. */
  RESHAPE(2),
  /** {@code expand(x, dims)}: repeated along dimensions of 1, and in front. */
  EXPAND(2),
  /** {@code reduce(x, axes, keep)}: without several dimensions, or with 1 for each. */
  REDUCE(3),
  /**
   * {@code slice(x, axis, from, to)}: a part of one dimension; negative numbers are from the end.
   */
  SLICE(4),
  /** {@code crop(x, from, to)}: a part of each dimension. */
  CROP(3),
  /** {@code pad(x, before, after)}: more of each dimension. */
  PAD(3),
  /** {@code einsum(spec, a, b)}: what {@code "ij,jk->ik"} says. */
  EINSUM(3),
  /** {@code join(a, b, axis)}: equal but along that axis, which is the sum. */
  JOIN(3),
  /** {@code stack(parts, axis)}: equal ones along a new axis. */
  STACK(2),
  /** {@code concat(parts, axis)}: several, equal but along that axis, which is the sum. */
  CONCAT(2),
  /** {@code split(x, axis, lengths)}: of the parts what they have in common. */
  SPLIT(3);

  private final int arity;

  ShapeFunction(int arity) {
    this.arity = arity;
  }

  int arity() {
    return arity;
  }

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Optional<ShapeFunction> named(String name) {
    return Arrays.stream(values()).filter(function -> function.text().equals(name)).findFirst();
  }

  static String names() {
    return Arrays.stream(values()).map(ShapeFunction::text).collect(Collectors.joining(", "));
  }

  /** Of a result that is an array, each of its shapes, where that is known. */
  Optional<List<ShapeTerm>> parts(FunctionArguments in) throws MismatchException {
    return this == SPLIT ? ArrayedShapes.parts(in) : Optional.empty();
  }

  /** Applied to its arguments; where these are not known enough, nothing is known of the result. */
  ShapeTerm apply(FunctionArguments in) throws MismatchException {
    return switch (this) {
      case DROP -> in.axis(0, 1).map(at -> in.shape(0).replace(at, List.of())).orElse(in.any());
      case SET ->
          in.axis(0, 1).map(at -> in.shape(0).replace(at, List.of(in.dim(2)))).orElse(in.any());
      case INSERT -> ReorderedShapes.insert(in);
      case SWAP -> ReorderedShapes.swap(in);
      case PERMUTE -> ReorderedShapes.permute(in);
      case RESHAPE -> ResizedShapes.reshape(in);
      case EXPAND -> ResizedShapes.expand(in);
      case REDUCE -> PartialShapes.reduce(in);
      case SLICE -> PartialShapes.slice(in);
      case CROP -> PartialShapes.crop(in);
      case PAD -> PartialShapes.pad(in);
      case EINSUM -> EinsumShape.of(in);
      case JOIN -> ResizedShapes.join(in);
      case STACK -> ArrayedShapes.stack(in);
      case CONCAT -> ArrayedShapes.concat(in);
      case SPLIT -> ArrayedShapes.split(in);
    };
  }
}
