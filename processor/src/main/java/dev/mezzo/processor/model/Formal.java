package dev.mezzo.processor.model;

/** A parameter of a function. */
public sealed interface Formal {

  /** A tensor. */
  record OfTensor(Value value) implements Formal {}

  /** Plain Java, as in {@code int heads}; the type is qualified. */
  record OfPlain(String type, String name) implements Formal {}
}
