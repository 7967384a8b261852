package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.dropout;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;
import java.util.List;

/** The same as Again, with nothing that runs again. */
@Half
public record Remembered(Block first, List<Block> blocks, Linear out) {
  public Tensor forward(Tensor x) {
    Tensor h = first.forward(x);
    for (Block block : blocks) {
      h = add(h, block.forward(h));
    }
    return out.forward(h);
  }

  @Half
  public record Block(Linear wide, Linear narrow, float rate) {
    public Tensor forward(Tensor x) {
      return narrow.forward(dropout(tanh(wide.forward(x)), rate));
    }
  }
}
