package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;
import dev.mezzo.layers.Linear;
import dev.mezzo.layers.Relu;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.List;

@Half
record ShapeMismatch(
    @Dims({"out", "in"}) @MasterFp32 Parameter weight, @Dims("out") @MasterFp32 Parameter bias) {
  @Dims({"batch", "out"})
  Tensor forward(@Dims({"batch", "in"}) Tensor x) {
    return linear(x, weight, bias);
  }
}

@Half
record Declared(@Dims({"10", "in"}) @MasterFp32 Parameter weight) {
  @Dims({"batch", "10"})
  Tensor forward(@Dims({"batch", "in"}) Tensor x) {
    Tensor h = matmul(x, transpose(weight));
    @Dims("batch, 10") Tensor local = h;
    return relu(local);
  }
}

@Half
final class Constants {
  final Linear hidden = new Linear(784, 256);
  final Linear out;

  Constants() {
    this.out = new Linear(256, 10);
  }

  Tensor forward(Tensor x) {
    return out.forward(relu(hidden.forward(x)));
  }
}

@Half
record Created(Linear hidden, Relu middle, Linear out) {
  static final int WIDTH = 64;

  static Created small() {
    return new Created(new Linear(784, WIDTH), new Relu(), new Linear(WIDTH, 10));
  }

  static Created large(int width) {
    return new Created(new Linear(784, 2 * width), new Relu(), new Linear(width + width, 10));
  }

  Tensor forward(Tensor x) {
    return out.forward(middle.forward(hidden.forward(x)));
  }
}

@Half
record Outer(Constants4 net) {
  Tensor forward(@Dims("batch, 784") Tensor x) {
    return net.forward(x);
  }
}

@Half
final class Constants4 {
  final Linear hidden = new Linear(784, 256);
  @MasterFp32 final Parameter bias = Parameter.zeros(Shape.of(256));

  Tensor forward(Tensor x) {
    return shifted(hidden.forward(x));
  }

  private Tensor shifted(@Dims("n, d") Tensor x) {
    Tensor wide = reshape(x, x.shape().dim(0), 2, -1);
    return add(reshape(wide, x.shape().dim(0), 256), bias);
  }
}

@Half
record Axes() {
  Tensor forward(@Dims("4, 6") Tensor x) {
    Tensor total = sum(x, 1);
    return add(reshape(x, 6, 4), total);
  }
}

@Half
record Heads(int heads, @Dims("width, width") @MasterFp32 Parameter project) {
  @Dims("batch, time, width")
  Tensor forward(@Dims("batch, time, width") Tensor x) {
    int batch = x.shape().dim(0);
    int time = x.shape().dim(1);
    int width = x.shape().dim(-1);
    Tensor parts = reshape(matmul(x, project), batch, time, heads, width / heads);
    return reshape(parts, batch, time, width);
  }
}

@Half
record Unknown(Linear a, Linear b) {
  Tensor forward(Tensor x) {
    return add(a.forward(x), b.forward(x));
  }
}

@Half
record Joined(boolean deep, Linear one, Linear two, Linear out) {
  static Joined create() {
    return new Joined(true, new Linear(8, 16), new Linear(8, 16), new Linear(16, 4));
  }

  Tensor forward(Tensor x) {
    Tensor h;
    if (deep) {
      h = relu(one.forward(x));
    } else {
      h = two.forward(x);
    }
    return out.forward(h);
  }
}

@Half
final class Carried {
  final Linear step = new Linear(8, 8);
  final Linear out = new Linear(8, 4);

  Tensor forward(Tensor x, int passes) {
    Tensor h = step.forward(x);
    for (int i = 0; i < passes; i++) {
      h = tanh(step.forward(h));
    }
    return out.forward(h);
  }
}

/** What does not fit on a way is not taken there. */
@Half
final class Guarded {
  final Linear step;
  final boolean residual;

  Guarded(int in, int out) {
    this.step = new Linear(in, out);
    this.residual = in == out;
  }

  static Guarded narrow() {
    return new Guarded(8, 4);
  }

  Tensor forward(Tensor x) {
    Tensor y = step.forward(x);
    if (residual) {
      y = add(y, x);
    }
    return y;
  }
}

/** Wider with each pass. */
@Half
final class Growing {
  final Linear out = new Linear(24, 4);

  Tensor forward(@Dims({"batch", "8"}) Tensor x) {
    Tensor h = x;
    for (int i = 0; i < 2; i++) {
      h = concat(h, x, -1);
    }
    return out.forward(h);
  }
}

@Half
record Several() {
  record Pair(Tensor first, Tensor second) {}

  @Dims({"batch", "20"})
  Tensor forward(@Dims("batch, 8") Tensor x, @Dims("batch, 12") Tensor wide, boolean deep) {
    Tensor[] parts = split(wide, 1, 4, 8);
    Tensor sum = add(x, parts[1]);
    Tensor[] two = {x, parts[0]};
    if (deep) {
      two[1] = x; // may not be taken: the second is of either shape
    }
    Tensor any = add(two[1], deep ? x : parts[0]);
    Tensor stacked = sum(stack(0, x, sum), 0);
    Pair pair = pair(stacked, wide);
    return concat(1, pair.first(), pair.second());
  }

  private Pair pair(Tensor a, Tensor b) {
    return new Pair(tanh(a), relu(b));
  }
}

@Half
record Steps() {
  @Dims({"batch", "?", "8"})
  Tensor forward(@Dims("batch, 5, 8") Tensor x, @Dims("batch, 8") Tensor h) {
    List<Tensor> steps = new ArrayList<>();
    Tensor before = h;
    for (Tensor step : unstack(x, 1)) {
      before = add(before, step);
      steps.add(tanh(before));
    }
    Tensor first = add(steps.getFirst(), h);
    Tensor[] grown = {h, concat(1, h, first)};
    for (int i = 1; i < 3; i++) {
      grown[0] = concat(1, grown[0], grown[1]); // of another shape in each pass
    }
    return add(stack(1, steps.toArray(new Tensor[0])), reshape(first, -1, 1, 8));
  }
}

final class Pairs {
  record Pair(@Dims({"batch", "features"}) Tensor left, @Dims({"batch", "width"}) Tensor right) {}

  @Half
  record Halves(@Dims({"features", "width"}) @MasterFp32 Parameter weight) {
    Pair forward(@Dims({"batch", "width"}) Tensor x) {
      Tensor y = matmul(x, transpose(weight));
      return new Pair(y, x);
    }
  }

  @Half
  record Crossed(Halves halves) {
    Tensor forward(@Dims({"batch", "24"}) Tensor x, @Dims({"batch", "24"}) Tensor other) {
      Pair pair = halves.forward(x);
      return add(pair.right(), other);
    }
  }
}
