package dev.mezzo.processor.read;

import dev.mezzo.annotations.MixedForm;
import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.LayerInterface;
import java.util.Optional;
import javax.lang.model.element.TypeElement;

/** Reads what a generated class of another compilation says of itself. */
final class MixedForms {

  private MixedForms() {}

  /** The format number; empty where the class is no mixed form. */
  static Optional<Integer> format(TypeElement mixed) {
    return AnnotationValues.find(mixed, MixedForm.class)
        .map(values -> values.get("format", Integer.class));
  }

  /** The interface of a class whose format is known. */
  static LayerInterface read(TypeElement mixed) {
    AnnotationValues values = AnnotationValues.find(mixed, MixedForm.class).orElseThrow();
    return new LayerInterface(
        values.constants("inputs", Precision.class),
        values.list("differentiable", Boolean.class),
        values.constant("output", Precision.class),
        values.get("parameters", Boolean.class),
        values.get("finishes", Boolean.class));
  }
}
