package dev.mezzo;

import static dev.mezzo.ElementwiseGradients.dropoutGradient;
import static dev.mezzo.ElementwiseGradients.reluGradient;
import static dev.mezzo.Ops.dropout;
import static dev.mezzo.Ops.relu;
import static java.util.Objects.requireNonNull;

import dev.mezzo.layers.Linear;
import org.jspecify.annotations.Nullable;

/** What the processor writes of {@link Mlp}, by hand. */
final class HandMixedMlp {
  private final Mlp model;
  private final HandMixedLinear hidden;
  private final HandMixedLinear out;

  HandMixedMlp(Mlp model, Mixing mixing) {
    this.model = model;
    this.hidden = mixing.layer(model.hidden(), "hidden", HandMixedLinear::new);
    this.out = mixing.layer(model.out(), "out", HandMixedLinear::new);
  }

  Tensor forward(Tape tape, Tensor x) {
    Tensor h = hidden.forward(tape, x);
    Tensor r = relu(h);
    h.close();
    tape.save(r); // relu's gradient reads it
    Tensor d = dropout(tape, r, model.rate());
    r.close();
    Tensor y = out.forward(tape, d);
    d.close();
    return y;
  }

  @Nullable Tensor backward(Tape tape, Tensor dy, boolean wantDx) {
    Tensor dd = requireNonNull(out.backward(tape, dy, true));
    Tensor dr = dropoutGradient(tape, dd, model.rate());
    dd.close();
    Tensor r = tape.restoreTensor();
    Tensor dh = reluGradient(dr, r);
    dr.close();
    r.close();
    Tensor dx = hidden.backward(tape, dh, wantDx);
    dh.close();
    return dx;
  }

  /** The model. */
  record Mlp(Linear hidden, Linear out, float rate) {
    Tensor forward(Tensor x) {
      return out.forward(dropout(relu(hidden.forward(x)), rate));
    }
  }
}
