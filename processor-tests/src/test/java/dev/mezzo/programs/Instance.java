package dev.mezzo.programs;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/** An object of a model: what the fields of a layer hold. Weights are numbers of a table. */
public sealed interface Instance {

  /** A {@code Linear}. */
  record OfLinear(int in, int out, int weight, int bias) implements Instance {}

  /** A {@code BatchNorm}: two weights, two states. */
  record OfNorm(int weight, int bias, int mean, int variance) implements Instance {}

  /** A layer of the program. */
  record OfLayer(String layer, Map<String, Instance> fields) implements Instance {

    /** What a field holds. */
    Instance field(String name) {
      return Objects.requireNonNull(fields.get(name), name);
    }
  }

  /** Several layers. */
  record Several(List<Instance> layers) implements Instance {}

  /** A state. */
  record OfState(int state) implements Instance {}

  /** A parameter. */
  record OfWeight(int weight) implements Instance {}

  /** An int or a boolean. */
  record OfPlain(int value) implements Instance {}
}
