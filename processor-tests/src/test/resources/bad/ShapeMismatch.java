package bad;

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
    @Dims({"out", "in"}) @MasterFp32 Parameter weight, @Dims("in") @MasterFp32 Parameter bias) {
  @Dims({"batch", "out"})
  Tensor forward(@Dims({"batch", "in"}) Tensor x) {
    return linear(x, weight, bias); // ERROR ShapeMismatch: (x, weight
  }
}

@Half
record Declared(@Dims({"out", "in"}) @MasterFp32 Parameter weight) {
  @Dims({"batch", "in"})
  Tensor forward(@Dims({"batch", "in"}) Tensor x) {
    Tensor h = matmul(x, transpose(weight));
    @Dims("batch, 10") Tensor local = h; // ERROR ShapeMismatch: @Dims
    return relu(local); // ERROR ShapeMismatch: return
  }
}

@Half
final class Constants {
  final Linear hidden = new Linear(784, 256);
  final Linear out;

  Constants() {
    this.out = new Linear(255, 10);
  }

  Tensor forward(Tensor x) {
    return out.forward(relu(hidden.forward(x))); // ERROR ShapeMismatch: (relu(
  }
}

@Half
record Created(Linear hidden, Relu middle, Linear out) {
  static final int WIDTH = 64;

  static Created small() {
    return new Created(new Linear(784, WIDTH), new Relu(), new Linear(WIDTH, 10));
  }

  static Created large(int width) {
    return new Created(new Linear(784, 2 * width), new Relu(), new Linear(2 * width + 1, 10));
  }

  Tensor forward(Tensor x) {
    return out.forward(middle.forward(hidden.forward(x))); // ERROR ShapeMismatch: (middle
  }
}

@Half
record Outer(Constants4 net) {
  Tensor forward(@Dims("batch, 100") Tensor x) {
    return net.forward(x); // ERROR ShapeMismatch: (x)
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
  Tensor forward(@Dims("batch, 6") Tensor x) {
    Tensor total = sum(x, 2); // ERROR ShapeMismatch: (x, 2
    return add(reshape(x, 4, 5), total); // ERROR ShapeMismatch: (x, 4
  }
}

@Half
record Joined(boolean deep, Linear one, Linear two, Linear out) {
  static Joined create() {
    return new Joined(true, new Linear(8, 16), new Linear(8, 16), new Linear(12, 4));
  }

  Tensor forward(Tensor x) {
    Tensor h;
    if (deep) {
      h = relu(one.forward(x));
    } else {
      h = two.forward(x);
    }
    return out.forward(h); // ERROR ShapeMismatch: (h
  }
}

@Half
final class Carried {
  final Linear step = new Linear(8, 8);
  final Linear out = new Linear(6, 4);

  Tensor forward(Tensor x, int passes) {
    Tensor h = step.forward(x);
    for (int i = 0; i < passes; i++) {
      h = tanh(step.forward(h));
    }
    return out.forward(h); // ERROR ShapeMismatch: (h
  }
}

@Half
record Several() {
  record Pair(Tensor first, Tensor second) {}

  Tensor forward(@Dims("batch, 8") Tensor x, @Dims("batch, 12") Tensor wide) {
    Tensor[] parts = split(wide, 1, 4, 8);
    Tensor sum = add(x, parts[1]);
    Tensor wrong = add(x, parts[0]); // ERROR ShapeMismatch: (x
    Tensor[] many = split(x, 1, 4, 5); // ERROR ShapeMismatch: (x
    Tensor stacked = stack(0, x, wide); // ERROR ShapeMismatch: (0
    Tensor joined = concat(1, x, wide);
    Tensor both = add(joined, wide); // ERROR ShapeMismatch: (joined
    Pair pair = pair(x, wide);
    return add(pair.first(), pair.second()); // ERROR ShapeMismatch: (pair
  }

  private Pair pair(Tensor a, Tensor b) {
    return new Pair(tanh(a), relu(b));
  }
}

@Half
record Steps() {
  Tensor forward(@Dims("batch, 5, 8") Tensor x, @Dims("batch, 6") Tensor h) {
    List<Tensor> steps = new ArrayList<>();
    for (Tensor step : unstack(x, 1)) {
      steps.add(tanh(step));
    }
    Tensor first = add(steps.getFirst(), h); // ERROR ShapeMismatch: (steps
    Tensor all = stack(1, steps.toArray(new Tensor[0]));
    return add(all, reshape(h, -1, 1, 6)); // ERROR ShapeMismatch: (all
  }
}

final class Pairs {
  record Pair(Tensor left, Tensor right) {}

  @Half
  record Halves(@Dims({"features", "width"}) @MasterFp32 Parameter weight) {
    Pair forward(@Dims({"batch", "width"}) Tensor x) {
      Tensor y = matmul(x, transpose(weight));
      return new Pair(y, x);
    }
  }

  @Half
  record Crossed(Halves halves) {
    Tensor forward(@Dims({"batch", "24"}) Tensor x, @Dims({"batch", "7"}) Tensor other) {
      Pair pair = halves.forward(x);
      return add(pair.right(), other); // ERROR ShapeMismatch: (pair
    }
  }

  record State(@Dims({"batch", "hidden"}) Tensor h, @Dims({"batch", "hidden"}) Tensor c) {}

  @Half
  record Cell() {
    State forward(State before) {
      return new State(before.c(), add(before.h(), before.c()));
    }
  }

  @Half
  record Sequence(Cell cell) {
    Tensor forward(@Dims({"batch", "24"}) Tensor h, @Dims({"batch", "7"}) Tensor c) {
      return cell.forward(new State(h, c)).h(); // ERROR ShapeMismatch: (new
    }
  }
}
