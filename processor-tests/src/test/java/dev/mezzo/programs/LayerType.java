package dev.mezzo.programs;

import dev.mezzo.programs.LayerProgram.Signature;
import java.util.ArrayList;
import java.util.List;

/**
 * What the field of a sub-layer may be declared as.
 *
 * @param signature of its forward; its tensors have (3, 4)
 * @param anyRows whether it takes and returns any number of rows
 */
record LayerType(String name, Signature signature, boolean anyRows) {
  static final LayerType LINEAR = new LayerType("Linear", Signature.UNARY, true);
  static final LayerType NORM = new LayerType("BatchNorm", Signature.UNARY, false);
  static final LayerType LAYER =
      new LayerType(Signature.UNARY.interfaceName(), Signature.UNARY, false);

  static LayerType of(LayerProgram layer) {
    return new LayerType(layer.name(), layer.forward().signature(), false);
  }

  /** Those that a layer must be held by: each by its class or by its interface. */
  static List<LayerType> interfacesOf(List<LayerProgram> layers) {
    return layers.stream()
        .filter(LayerProgram::open)
        .map(layer -> layer.forward().signature())
        .distinct()
        .map(signature -> new LayerType(signature.interfaceName(), signature, false))
        .toList();
  }

  /** The names of the classes that a field of this type may hold. */
  List<String> classes(List<LayerProgram> layers) {
    List<String> classes = new ArrayList<>();
    if (equals(LAYER)) {
      classes.addAll(List.of(LINEAR.name, NORM.name));
    }
    for (LayerProgram layer : layers) {
      boolean implemented =
          layer.open() && layer.forward().signature().interfaceName().equals(name);
      if (layer.name().equals(name) || implemented) {
        classes.add(layer.name());
      }
    }
    return classes.isEmpty() ? List.of(name) : classes;
  }
}
