package dev.mezzo.processor.model;

/**
 * One statement of a function, in A-normal form: nested calls are separate statements, in
 * evaluation order. Branches and loops will be further kinds that hold blocks.
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

  /** The last statement of a function. */
  record Return(Argument.OfTensor result, SourcePosition position) implements Statement {}
}
