package dev.mezzo.programs;

import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * An int or a boolean, which is 0 or 1.
 *
 * @param source as Java
 * @param value of the plain fields, arguments and local variables
 */
public record Plain(String source, ToIntFunction<Map<String, Integer>> value) {

  /** Whether this is a training: its name among the variables, too. */
  static final String TRAINING = "training()";

  static Plain constant(int value) {
    return new Plain(Integer.toString(value), _ -> value);
  }

  static Plain variable(String name) {
    return new Plain(name, values -> values.get(name));
  }

  /** For what the program's shapes say. */
  static Plain known(String source, int value) {
    return new Plain(source, _ -> value);
  }

  Plain modulo(int divisor) {
    return new Plain(source + " % " + divisor, v -> value.applyAsInt(v) % divisor);
  }

  Plain greater(int limit) {
    return new Plain(source + " > " + limit, v -> value.applyAsInt(v) > limit ? 1 : 0);
  }

  Plain equal(int other) {
    return new Plain(source + " == " + other, v -> value.applyAsInt(v) == other ? 1 : 0);
  }

  Plain not() {
    return new Plain("!(" + source + ")", v -> 1 - value.applyAsInt(v));
  }

  Plain and(Plain other) {
    return new Plain(
        source + " && " + other.source, v -> value.applyAsInt(v) & other.value.applyAsInt(v));
  }

  int of(Map<String, Integer> values) {
    return value.applyAsInt(values);
  }
}
