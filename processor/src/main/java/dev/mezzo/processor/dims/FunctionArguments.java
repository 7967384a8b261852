package dev.mezzo.processor.dims;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The arguments of a function in a rule, with what they stand for in one call.
 *
 * @param written as the rule names them
 * @param given the operands
 * @param names what other names stand for
 */
record FunctionArguments(
    List<Dim> written, Map<String, Given> given, NamedDims names, Solver solver) {

  /** A shape of which nothing is known. */
  ShapeTerm any() {
    return solver.freshShape();
  }

  /** The shape of a tensor. */
  ShapeTerm shape(int argument) {
    return given.get(name(argument)) instanceof Given.OfTensor(ShapeTerm shape)
        ? solver.resolve(shape)
        : any();
  }

  /** The shapes of an array's tensors. */
  Given.OfTensors tensors(int argument) {
    return given.get(name(argument)) instanceof Given.OfTensors tensors
        ? tensors
        : new Given.OfTensors(Optional.empty(), Optional.empty());
  }

  /** A dimension or axis. */
  Dim dim(int argument) {
    return solver.resolve(names.instantiate(written.get(argument)));
  }

  /** Several numbers, where they are known. */
  Optional<List<Dim>> dims(int argument) {
    return given.get(name(argument)) instanceof Given.OfPlain(Optional<List<Dim>> dims)
        ? dims.map(known -> known.stream().map(solver::resolve).toList())
        : Optional.of(List.of(dim(argument)));
  }

  /** The place of an axis in the known dimensions of a shape, where it is known. */
  Optional<Integer> axis(int shape, int axis) throws MismatchException {
    OptionalLong number = dim(axis).constant();
    return number.isEmpty() ? Optional.empty() : index(shape, number.getAsLong());
  }

  Optional<Integer> index(int shape, long axis) throws MismatchException {
    return index(shape(shape), name(shape), axis);
  }

  /** The same of any shape, which is called so. */
  Optional<Integer> axis(ShapeTerm shape, String called, int axis) throws MismatchException {
    OptionalLong number = dim(axis).constant();
    return number.isEmpty() ? Optional.empty() : index(shape, called, number.getAsLong());
  }

  private Optional<Integer> index(ShapeTerm shape, String called, long axis)
      throws MismatchException {
    if (axis < 0) {
      solver.expand(shape, (int) -axis);
    }
    ShapeTerm known = solver.resolve(shape);
    Optional<Integer> index = known.index(axis);
    if (index.isEmpty() && known.ranked()) {
      throw new MismatchException("'" + called + "' has no axis " + axis);
    }
    return index;
  }

  /** What the rule calls it. */
  String name(int argument) {
    return written.get(argument).toString();
  }
}
