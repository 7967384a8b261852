package dev.mezzo.processor.model;

import java.util.List;

/**
 * A method on tensors: {@code forward}, {@code loss}, or a helper that they call. Its result is a
 * tensor.
 *
 * @param name the method's name; unique in its layer
 */
public record FunctionModel(
    String name, List<Formal> formals, Block body, SourcePosition position) {

  /** The tensor parameters, in order. */
  public List<Value> inputs() {
    return Formal.tensors(formals);
  }
}
