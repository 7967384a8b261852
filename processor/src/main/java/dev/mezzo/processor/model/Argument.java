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
   * @param steady whether it gives the same when it is evaluated again in the same step: it draws
   *     no random number, counts nothing
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
      boolean steady,
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
          true,
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
          true,
          OptionalDouble.empty(),
          Optional.empty(),
          position);
    }

    /** The local variable of that name, which holds the value. */
    public Plain local(String name) {
      return new Plain(
          name, type, List.of(), List.of(name), false, true, constant, Optional.empty(), position);
    }

    /** Whether the code gives the same wherever it stands: it reads nothing that changes. */
    public boolean repeatable() {
      return steady && reads.isEmpty() && locals.isEmpty();
    }

    /** Code that is made of this. */
    public Plain withCode(String other, String of, List<String> variables) {
      return new Plain(
          other,
          of,
          reads,
          variables,
          readsModel,
          steady,
          OptionalDouble.empty(),
          Optional.empty(),
          position);
    }

    /** The same code, which looks at the tensors of that list. */
    public Plain of(List<Value> tensors) {
      return new Plain(code, type, tensors, locals, readsModel, steady, constant, dims, position);
    }
  }
}
