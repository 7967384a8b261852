package dev.mezzo.processor.model;

import java.util.List;

/** What the method of an operation returns. */
public sealed interface OperationResult {

  /** A tensor. */
  record OfTensor() implements OperationResult {}

  /** An array of tensors. */
  record OfArray() implements OperationResult {}

  /** A record of tensors: to the compiler, too, an array, of its components. */
  record OfRecord(ClassName type, List<String> components) implements OperationResult {}
}
