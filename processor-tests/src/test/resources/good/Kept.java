package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Dropout;
import dev.mezzo.layers.Linear;
import dev.mezzo.layers.Sequential;
import java.util.List;

/** The same as Recomputed, with all saved. */
@Half
public record Kept(List<Sequential> blocks, Sequential noise, Linear out) {
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

  private Tensor mixed(Tensor x, float factor) {
    Tensor h = tanh(scale(x, factor));
    return add(h, tanh(scale(h, 2)));
  }
}
