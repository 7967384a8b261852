package dev.mezzo.processor.model;

import java.util.List;
import java.util.Optional;

/**
 * One statement of a function, in A-normal form: nested calls are separate statements, in
 * evaluation order.
 *
 * <p>Tensors are in single assignment form: a local variable that the user reassigns is a value for
 * each assignment, and where ways meet (behind a branch, at a loop's head) the values are joined
 * into a new one. Plain locals are variables as in the source. There is one way through a block: an
 * early return, a break and a continue have become branches.
 */
public sealed interface Statement {

  /** Where it stands; for a call, the call's own tree. */
  SourcePosition position();

  /** A call that makes a tensor: {@code h = relu(x)}. */
  record Apply(Value result, Call call, SourcePosition position) implements Statement {}

  /**
   * A plain local variable: {@code int n = x.shape().dim(0)}; the type is qualified, never {@code
   * var}.
   */
  record PlainLocal(String type, String name, Argument.Plain value, SourcePosition position)
      implements Statement {}

  /**
   * A change of a plain local variable: {@code n += 2}, {@code dims[0] = n}.
   *
   * @param name the variable
   * @param code the whole assignment
   */
  record PlainAssign(String name, Argument.Plain code, SourcePosition position)
      implements Statement {}

  /**
   * A plain statement for its effect alone: {@code log.info(x.shape())}, {@code assert n > 0},
   * {@code throw new IllegalArgumentException()}.
   *
   * @param code all of it
   * @param ends whether it is a throw: nothing follows it
   */
  record Effect(Argument.Plain code, boolean ends, SourcePosition position) implements Statement {}

  /**
   * An element of an array or list of tensors gets another tensor: {@code steps[i] = h}, {@code
   * steps.add(h)}.
   *
   * @param index where; a new last one where it is the number of elements
   */
  record Write(Value array, Argument.Plain index, Argument.OfTensor value, SourcePosition position)
      implements Statement {}

  /**
   * A branch on a plain condition.
   *
   * @param joins the tensors that come out of it
   */
  record If(
      Argument.Plain condition,
      Block then,
      Block otherwise,
      List<Join> joins,
      SourcePosition position)
      implements Statement {}

  /** A value that is one of two, as the branch went. */
  record Join(Value result, Argument.OfTensor then, Argument.OfTensor otherwise) {}

  /**
   * A loop.
   *
   * @param carried the tensors that a pass takes over from the one before
   * @param stop the plain variable that ends the loop after the pass that sets it
   */
  record Loop(
      LoopHead head,
      List<Carried> carried,
      Optional<String> stop,
      Block body,
      SourcePosition position)
      implements Statement {}

  /**
   * A tensor that goes around a loop.
   *
   * @param inside what the pass finds: the initial value, or the one that the last pass has left
   * @param after the same variable behind the loop
   * @param next what the pass leaves
   */
  record Carried(Value inside, Value after, Argument.OfTensor initial, Argument.OfTensor next) {}

  /** The last statement of a function. */
  record Return(Argument.OfTensor result, SourcePosition position) implements Statement {}
}
