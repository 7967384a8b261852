package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.Value;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * When a gradient is needed: always, or where that of one of some inputs is wanted, or (neither)
 * never.
 *
 * @param inputs in order; empty where {@code always}
 */
public record Need(boolean always, List<Value> inputs) {
  /** On the way to a parameter. */
  public static final Need ALWAYS = new Need(true, List.of());

  /** On no way to anything. */
  public static final Need NEVER = new Need(false, List.of());

  static Need of(Value input) {
    return new Need(false, List.of(input));
  }

  boolean never() {
    return !always && inputs.isEmpty();
  }

  /** Neither always nor never. */
  public boolean depends() {
    return !inputs.isEmpty();
  }

  Need or(Need other) {
    if (always || other.always) {
      return ALWAYS;
    }
    return new Need(
        false,
        Stream.concat(inputs.stream(), other.inputs.stream())
            .distinct()
            .sorted(Comparator.comparingInt(Value::id))
            .toList());
  }

  /** What is left to ask where {@code known} holds. */
  Need given(Need known) {
    boolean implied = known.depends() && inputs.containsAll(known.inputs);
    return implied ? ALWAYS : this;
  }
}
