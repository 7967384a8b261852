package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.Recompute;
import dev.mezzo.layers.Linear;
import dev.mezzo.layers.Sequential;
import java.util.List;

/** The same as Kept, with nothing saved of the calls whose results are annotated. */
@Half
public record RanAgain(List<Sequential> blocks, Sequential noise, Linear out) {
  public Tensor forward(Tensor x) {
    Tensor h = x;
    for (Sequential block : blocks) {
      @Recompute Tensor y = block.forward(h);
      h = add(h, y);
    }
    @Recompute var noisy = blocks.isEmpty() ? blocks.getFirst().forward(h) : noise.forward(h);
    @Recompute Tensor mixed = mixed(noisy, 0.5f * blocks.size());
    return out.forward(mixed);
  }

  private Tensor mixed(Tensor x, float factor) {
    Tensor h = tanh(scale(x, factor));
    return add(h, tanh(scale(h, 2)));
  }
}
