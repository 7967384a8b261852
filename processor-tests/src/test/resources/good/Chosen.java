package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.Recompute;
import dev.mezzo.layers.Linear;

/** Records of tensors, chosen in expressions. */
@Half
public record Chosen(Linear linear, int mode) {
  record Pair(Tensor h, Tensor c) {}

  public Tensor forward(Tensor x, Tensor y) {
    @Recompute Pair both = mixed(x, y);
    Pair pair = mode > 1 ? new Pair(tanh(x), y) : mode > 0 ? new Pair(y, x) : both;
    Pair next =
        switch (mode) {
          case 0, 3 -> pair;
          case 1 -> {
            Tensor h = scale(pair.h(), 0.5f);
            yield new Pair(h, pair.c());
          }
          default -> new Pair(pair.c(), tanh(pair.h()));
        };
    next = mode == 3 ? mixed(next.c(), next.h()) : next;
    return multiply((mode < 2 ? next : pair).h(), linear.forward(next.c()));
  }

  private Pair mixed(Tensor x, Tensor y) {
    return mode == 3 ? new Pair(x, add(x, y)) : new Pair(linear.forward(x), x);
  }
}
