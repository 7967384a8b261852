package demo;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** A layer of three inputs, given one value twice. */
@Half
public record UsesMultiInput(Linear embed, MultiInput attend, Linear shift) {
  public Tensor forward(Tensor x) {
    Tensor e = embed.forward(x);
    return attend.forward(e, e, shift.forward(x));
  }
}
