package dev.mezzo.processor.model;

import java.util.List;

/** A call whose result is a tensor, or an array of them. */
public sealed interface Call {

  /** In the order of the callee's parameters. */
  List<Argument> arguments();

  /** Of an operation. */
  record OfOperation(OperationModel operation, List<Argument> arguments) implements Call {}

  /** Of a sub-layer's forward. */
  record OfLayer(LayerReference layer, List<Argument> arguments) implements Call {}

  /**
   * A new array or list of tensors: of the tensors that it is given, or, given one number, of so
   * many places for tensors.
   */
  record OfArray(List<Argument> arguments) implements Call {}

  /**
   * Of an array or list the element at an index, {@code steps[i]}: both are arguments. Of a field
   * that holds several parameters, one of them.
   */
  record OfElement(List<Argument> arguments) implements Call {}

  /** Of another function of the same layer, by name. */
  record OfFunction(String function, List<Argument> arguments) implements Call {}
}
