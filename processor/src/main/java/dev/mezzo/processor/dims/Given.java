package dev.mezzo.processor.dims;

import java.util.List;
import java.util.Optional;

/** What a call gives to an operand, as far as shapes are concerned. */
public sealed interface Given {

  /** A tensor of that shape. */
  record OfTensor(ShapeTerm shape) implements Given {}

  /** A number, or several, where they are known. */
  record OfPlain(Optional<List<Dim>> dims) implements Given {}

  /** A string. */
  record OfText(String text) implements Given {}
}
