package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.exp;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.sigmoid;
import static dev.mezzo.Ops.tanh;
import static dev.mezzo.Ops.training;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** Switches on an enum, a string and a number; what is different in training. */
@Half
public record Choices(Linear linear, Activation activation, String gate) {
  /** What follows the product. */
  public enum Activation {
    SIGMOID,
    TANH,
    NONE
  }

  public Tensor forward(Tensor x, int mode) {
    Tensor h = activated(linear.forward(x));
    float factor =
        switch (activation) {
          case SIGMOID, TANH -> 0.5f;
          case NONE -> 2;
        };
    Tensor gated =
        switch (gate) {
          case "sigmoid" -> sigmoid(h);
          case "tanh" -> {
            Tensor wide = scale(h, factor);
            yield tanh(wide);
          }
          default -> h;
        };
    switch (mode * 2) {
      case 0:
      case 2:
        gated = scale(gated, factor);
        break;
      case 4:
        return exp(gated);
      default:
        h = tanh(h);
        gated = add(gated, h);
    }
    if (training()) {
      gated = scale(gated, 0.75f);
    }
    return add(gated, x);
  }

  private Tensor activated(Tensor x) {
    switch (activation) {
      case SIGMOID -> {
        return sigmoid(x);
      }
      case TANH -> x = tanh(x);
      default -> {}
    }
    return x;
  }
}
