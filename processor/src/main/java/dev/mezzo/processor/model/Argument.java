package dev.mezzo.processor.model;

import dev.mezzo.processor.dims.Dim;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What a call is given. */
public sealed interface Argument {

  /** Where it stands. */
  SourcePosition position();

  /** A tensor. */
  sealed interface OfTensor extends Argument {}

  /** A tensor that the function has received or computed. */
  record OfValue(Value value, SourcePosition position) implements OfTensor {}

  /** A parameter of the layer. */
  record OfParameter(ParameterModel parameter, SourcePosition position) implements OfTensor {}

  /**
   * Plain Java: an int, a shape, a literal. The arguments for a variable number of ints are one
   * array: {@code new int[] {2, -1}}.
   *
   * @param code Java that is valid in the generated method: types qualified; the layer's own fields
   *     and methods read through {@code model}
   * @param type qualified type of the expression
   * @param reads tensors that the code looks at (their shapes), which must live until here
   * @param locals plain local variables and parameters that the code reads
   * @param readsModel whether the code reads the layer itself, through {@code model}
   * @param constant the value where the expression is a compile-time constant number
   * @param dims of an int the number, of an array of ints the numbers, as far as they are known:
   *     arithmetic on literals, the layer's fields, and the dimensions of tensors
   */
  record Plain(
      String code,
      String type,
      List<Value> reads,
      List<String> locals,
      boolean readsModel,
      OptionalDouble constant,
      Optional<List<Dim>> dims,
      SourcePosition position)
      implements Argument {

    /** A number. */
    public static Plain number(int number, SourcePosition position) {
      return new Plain(
          Integer.toString(number),
          "int",
          List.of(),
          List.of(),
          false,
          OptionalDouble.of(number),
          Optional.of(List.of(Dim.of(number))),
          position);
    }

    /** What a method of the tape says. */
    public static Plain ofTape(String method, String type, SourcePosition position) {
      return new Plain(
          "tape." + method,
          type,
          List.of(),
          List.of(),
          false,
          OptionalDouble.empty(),
          Optional.empty(),
          position);
    }

    /** The local variable of that name, which holds the value. */
    public Plain local(String name) {
      return new Plain(
          name, type, List.of(), List.of(name), false, constant, Optional.empty(), position);
    }

    /** Whether the code gives the same wherever it stands: it reads nothing of the function. */
    public boolean repeatable() {
      return reads.isEmpty() && locals.isEmpty();
    }

    /** The same code, which looks at the tensors of that list. */
    public Plain of(List<Value> tensors) {
      return new Plain(code, type, tensors, locals, readsModel, constant, dims, position);
    }
  }
}
