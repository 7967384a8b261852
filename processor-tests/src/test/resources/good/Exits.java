package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.exp;
import static dev.mezzo.Ops.relu;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;
import java.util.List;

/** Returns out of loops, and exits that only some ways of a branch take. */
@Half
public record Exits(List<Linear> blocks, int depth) {
  record Pair(Tensor a, Tensor b) {}

  public Tensor forward(Tensor x) {
    Tensor h = x;
    for (int i = 0; i < blocks.size(); i++) {
      if (i == depth) {
        return exp(scale(h, 0.25f));
      }
      h = tanh(blocks.get(i).forward(h));
    }
    if (depth > 4) {
      if (depth > 5) {
        return scale(h, 3);
      }
      h = relu(h);
    }
    switch (depth) {
      case 2:
        if (blocks.size() > 1) {
          break;
        }
        return h;
      case 3:
        h = scale(h, 2);
        break;
      default:
        h = scale(h, 0.5f);
    }
    Pair both = found(h, relu(h));
    return add(both.a(), both.b());
  }

  /** Out of two loops at once, with a record. */
  private Pair found(Tensor x, Tensor y) {
    for (int i = 1; i < 4; i++) {
      for (Linear block : blocks) {
        if (i * 2 == depth) {
          return new Pair(y, block.forward(x));
        }
        y = add(y, scale(x, i));
      }
      x = tanh(x);
    }
    return new Pair(x, y);
  }
}
