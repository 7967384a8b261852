package dev.mezzo.processor.model;

import java.util.List;

/** A parameter of a function. */
public sealed interface Formal {

  /** A tensor. */
  record OfTensor(Value value) implements Formal {}

  /** Plain Java, as in {@code int heads}; the type is qualified. */
  record OfPlain(String type, String name) implements Formal {}

  /** The tensors among parameters. */
  static List<Value> tensors(List<Formal> formals) {
    return formals.stream()
        .filter(OfTensor.class::isInstance)
        .map(formal -> ((OfTensor) formal).value())
        .toList();
  }
}
