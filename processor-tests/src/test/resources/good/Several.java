package demo;

import static dev.mezzo.Ops.gelu;
import static dev.mezzo.Ops.relu;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Full;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;
import java.util.List;
import java.util.Map;

/** Layers in a list, an array and a map; the index is a constant, a local variable, a field. */
@Half
record Several(
    List<Linear> blocks, Residual[] residuals, @Full Map<String, ? extends Linear> heads, String head) {
  Tensor forward(Tensor x) {
    Tensor h = relu(blocks.get(0).forward(x));
    int next = x.shape().rank() - 1;
    Linear second = blocks.get(next);
    Tensor g = gelu(second.forward(h));
    Residual last = residuals[residuals.length - 1];
    Tensor r = at(last.forward(g), next);
    return heads.get(head).forward(blocks.getLast().forward(r));
  }

  private Tensor at(Tensor x, int index) {
    return residuals[index - 1].forward(x);
  }
}
