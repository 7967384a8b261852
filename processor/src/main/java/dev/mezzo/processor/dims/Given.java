package dev.mezzo.processor.dims;

import java.util.List;
import java.util.Optional;

/** What a call gives to an operand, as far as shapes are concerned. */
public sealed interface Given {

  /** A tensor of that shape. */
  record OfTensor(ShapeTerm shape) implements Given {}

  /**
   * An array of tensors.
   *
   * @param all their shapes, where each is known
   * @param common what their shapes have in common, where there are any
   */
  record OfTensors(Optional<List<ShapeTerm>> all, Optional<ShapeTerm> common) implements Given {}

  /** A number, or several, where they are known. */
  record OfPlain(Optional<List<Dim>> dims) implements Given {}

  /** A string. */
  record OfText(String text) implements Given {}
}
