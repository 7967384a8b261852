package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.sigmoid;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** Choices by the class of a plain object: patterns, with guards and variables. */
@Half
public record Patterns(Linear linear, Mode mode, Object factor) {
  /** How. */
  public sealed interface Mode {}

  record Scaled(float by) implements Mode {}

  record Plain() implements Mode {}

  record Squashed(boolean twice) implements Mode {}

  public Tensor forward(Tensor x) {
    Tensor h = linear.forward(x);
    h =
        switch (mode) {
          case Scaled s when s.by() > 1 -> scale(h, s.by());
          case Scaled s -> add(h, scale(x, s.by()));
          case Squashed s -> s.twice() ? tanh(tanh(h)) : tanh(h);
          case Plain _ -> sigmoid(h);
        };
    if (factor instanceof Float f && f > 0) {
      h = scale(h, f);
    }
    int bits =
        switch (mode) {
          case Scaled s when s.by() < 0 -> 1;
          case Squashed _ -> 2;
          default -> 3;
        };
    return scale(h, weight() / bits);
  }

  float weight() {
    return switch (mode) {
      case Scaled s -> s.by();
      default -> 1;
    };
  }
}
