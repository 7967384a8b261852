package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.Recompute;
import dev.mezzo.layers.Dropout;
import dev.mezzo.layers.Linear;
import dev.mezzo.layers.Sequential;
import java.util.List;

/** Nothing within blocks and method is saved. */
@Half
public record Recomputed(@Recompute List<Sequential> blocks, @Recompute Sequential noise, Linear out) {
  /** A block, with dropout within. */
  public static Sequential block(Linear wide, Dropout dropout, Linear narrow) {
    return new Sequential(wide, dropout, new dev.mezzo.layers.Tanh(), narrow);
  }

  public Tensor forward(Tensor x) {
    Tensor h = x;
    for (int i = 0; i < blocks.size(); i++) {
      h = add(h, blocks.get(i).forward(h));
    }
    Tensor noisy = noise.forward(h);
    return out.forward(mixed(noisy, 0.5f * blocks.size()));
  }

  @Recompute
  private Tensor mixed(Tensor x, float factor) {
    Tensor h = tanh(scale(x, factor));
    return add(h, tanh(scale(h, 2)));
  }
}
