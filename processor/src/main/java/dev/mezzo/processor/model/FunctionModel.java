package dev.mezzo.processor.model;

import dev.mezzo.annotations.MixedForm.Precision;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A method on tensors: {@code forward}, {@code loss}, or a helper that they call. Its result is a
 * tensor.
 *
 * @param name the method's name; unique in its layer
 * @param precision what its operations compute in, where their class allows
 * @param recomputed whether it runs again in backward: {@code @Recompute}
 * @param again results of calls that run again in backward, since a local variable is annotated so
 * @param asked results whose operations compute in another precision, since a local variable is
 *     annotated so
 */
public record FunctionModel(
    String name,
    Precision precision,
    boolean recomputed,
    List<Formal> formals,
    Block body,
    Set<Value> again,
    Map<Value, AnnotatedLocal> asked,
    SourcePosition position) {

  /** What the operation that makes a value computes in, where its class allows. */
  public Precision precision(Value result) {
    AnnotatedLocal local = asked.get(result);
    return local == null ? precision : local.precision();
  }

  /**
   * A local variable that is {@code @Half} or {@code @Full}.
   *
   * @param name as in the source
   */
  public record AnnotatedLocal(String name, Precision precision, SourcePosition position) {}

  /** The tensor parameters, in order. */
  public List<Value> inputs() {
    return Formal.tensors(formals);
  }
}
