package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.tanh;
import static dev.mezzo.Ops.training;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;
import java.util.List;
import java.util.Random;

/** What plain code draws or counts is drawn once: backward takes what forward has drawn. */
@Half
public final class Drawn {
  final List<Linear> blocks;
  final Random random;
  final float rate;
  int calls;

  Drawn(List<Linear> blocks, Random random, float rate) {
    this.blocks = blocks;
    this.random = random;
    this.rate = rate;
  }

  public Tensor forward(Tensor x) {
    Tensor h = x;
    if (!(training() && random.nextFloat() < rate)) {
      h = add(h, blocks.get(random.nextInt(blocks.size())).forward(h));
    }
    h = scale(tanh(h), random.nextFloat());
    return switch (next() % 3) {
      case 0 -> tanh(h);
      case 1 -> scale(h, size());
      default -> h;
    };
  }

  int next() {
    return calls++;
  }

  int size() {
    return 1 + blocks.size();
  }
}
