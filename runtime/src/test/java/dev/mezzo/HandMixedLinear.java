package dev.mezzo;

import static dev.mezzo.MatrixGradients.linearGradientBias;
import static dev.mezzo.MatrixGradients.linearGradientWeight;
import static dev.mezzo.MatrixGradients.linearGradientX;
import static dev.mezzo.Ops.linear;

import dev.mezzo.layers.Linear;
import org.jspecify.annotations.Nullable;

/** What the processor writes of {@link Linear}, by hand. */
final class HandMixedLinear {
  private final Weight weight;
  private final Weight bias;

  HandMixedLinear(Linear model, Mixing mixing) {
    this.weight = mixing.weight(model.weight(), "weight", Weight.Kind.MASTER);
    this.bias = mixing.weight(model.bias(), "bias", Weight.Kind.MASTER);
  }

  Tensor forward(Tape tape, Tensor x) {
    Tensor y = linear(x, weight.half(), bias.half());
    tape.save(x); // linear's weight gradient reads it
    return y;
  }

  @Nullable Tensor backward(Tape tape, Tensor dy, boolean wantDx) {
    Tensor x = tape.restoreTensor();
    bias.accumulate(linearGradientBias(dy, bias.half().layout()), "Linear.java:31 linear");
    weight.accumulate(linearGradientWeight(dy, x), "Linear.java:31 linear");
    Tensor dx = wantDx ? linearGradientX(dy, weight.half(), x.layout()) : null;
    x.close();
    return dx;
  }
}
