package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.dropout;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.sigmoid;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.layers.Linear;

/** Names that the generated code has other plans for. */
@Half
public final class Names {
  final Linear hidden;
  @MasterFp32 final Parameter half;
  final float model;

  public Names(Linear hidden, Parameter half, float model) {
    this.hidden = hidden;
    this.half = half;
    this.model = model;
  }

  public Tensor forward(Tensor tape) {
    Tensor hidden = this.hidden.forward(tape);
    Tensor dy = cast(hidden, 1);
    Tensor o = dropout(sigmoid(dy), this.model);
    return add(dev.mezzo.Ops.exp(o), half);
  }

  private Tensor cast(Tensor model, int n) {
    return scale(model, this.model * 2 / n);
  }
}
