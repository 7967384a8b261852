package demo;

import static dev.mezzo.Ops.meanSquaredError;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;
import dev.mezzo.layers.Linear;
import java.util.List;
import java.util.Map;

/** A loss of layers in a list and in a map. */
@Half
@LossScaled
public record Deep(List<Linear> blocks, Map<String, Linear> heads, String task) {
  public Tensor loss(Tensor x, Tensor target) {
    Tensor h = x;
    for (Linear block : blocks) {
      h = tanh(block.forward(h));
    }
    return meanSquaredError(heads.get(task).forward(h), target);
  }
}
