package dev.mezzo.processor.model;

import dev.mezzo.annotations.MixedForm;
import dev.mezzo.annotations.MixedForm.Precision;
import java.util.List;

/**
 * What a caller must know of a mixed form; of class files it stands in {@code @MixedForm}.
 *
 * @param inputs precision of each tensor parameter of forward
 * @param differentiable which of them have a gradient
 * @param output precision of the result
 * @param parameters whether there are any, also in layers within
 * @param finishes whether forward has a form that is given what is done to its result before it is
 *     rounded
 */
public record LayerInterface(
    List<Precision> inputs,
    List<Boolean> differentiable,
    Precision output,
    boolean parameters,
    boolean finishes) {

  /** One that does not finish its result. */
  public LayerInterface(
      List<Precision> inputs, List<Boolean> differentiable, Precision output, boolean parameters) {
    this(inputs, differentiable, output, parameters, false);
  }

  /** The same, which finishes its result or does not. */
  public LayerInterface finishing(boolean does) {
    return new LayerInterface(inputs, differentiable, output, parameters, does);
  }

  /** The form of generated code that this version writes and reads. */
  public static final int FORMAT = MixedForm.FORMAT;
}
