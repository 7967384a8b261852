package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.relu;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Checks, logs and counts: plain statements, which forward keeps and backward does without. */
@Half
public record Checked(Linear inner, String activation, int depth, List<String> log) {
  public Tensor forward(Tensor x) {
    Objects.requireNonNull(x, "x");
    if (x.shape().rank() != 2) {
      throw new IllegalArgumentException("x must be (batch, features), but is " + x.shape());
    }
    assert depth > 0 : "depth " + depth;
    Tensor h = inner.forward(x);
    log.add("inner gave " + h.shape());
    List<Integer> factors = new ArrayList<>();
    int i = 0;
    do {
      factors.add(i + 1);
      h = scale(activated(h), 1f / factors.get(i));
      if (h.shape().dim(0) > 100) {
        break;
      }
      i++;
    } while (i < depth);
    return add(x, h);
  }

  private Tensor activated(Tensor h) {
    check(h);
    return switch (activation) {
      case "relu" -> relu(h);
      case "tanh" -> tanh(h);
      default -> throw new IllegalStateException("no activation '" + activation + "'");
    };
  }

  void check(Tensor h) {
    log.add("activated " + h.shape().rank());
  }
}
