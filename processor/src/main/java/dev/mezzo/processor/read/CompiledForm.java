package dev.mezzo.processor.read;

import dev.mezzo.processor.model.LayerInterface;

/** What the class path holds of a layer's mixed form. */
public sealed interface CompiledForm {

  /** A form that this version can use. */
  record Known(LayerInterface face) implements CompiledForm {}

  /** A form of another version. */
  record OtherFormat(int format) implements CompiledForm {}

  /** None. */
  record Missing() implements CompiledForm {}
}
