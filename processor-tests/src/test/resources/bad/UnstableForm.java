package bad;

import static dev.mezzo.Ops.*;
import static dev.mezzo.annotations.PrecisionClass.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record UnstableForm() {
  Tensor forward(Tensor x) {
    Tensor p = softmax(x);
    return log(p); // WARNING UnstableForm: (p)
  }
}

@Half
record ThroughViews() {
  Tensor forward(Tensor x) {
    return log(reshape(softmax(x), 2, -1)); // WARNING UnstableForm: (reshape
  }
}

@Half
record ThroughAMethod() {
  Tensor forward(Tensor x) {
    return log(probabilities(x)); // WARNING UnstableForm: (probabilities
  }

  private Tensor probabilities(Tensor x) {
    return softmax(scale(x, 2));
  }
}

@Half
record Probabilities() {
  Tensor forward(Tensor x, Tensor target) {
    return binaryCrossEntropy(sigmoid(x), target); // WARNING UnstableForm: (sigmoid
  }
}

@Half
record ByHand() {
  Tensor forward(Tensor x, Tensor target) {
    Tensor p = sigmoid(x);
    Tensor ones = multiply(target, log(p)); // WARNING UnstableForm: (p)
    Tensor zeros = multiply(subtract(1, target), log(subtract(1, p))); // WARNING UnstableForm: (subtract(1, p
    return add(ones, zeros);
  }
}

@Half
record ByHandAndBounded() {
  Tensor forward(Tensor x, Tensor target) {
    Tensor p = clamp(sigmoid(x), 1e-4f, 0.999f);
    Tensor ones = multiply(target, log(p)); // WARNING UnstableForm: (p)
    Tensor rest = add(subtract(1, sigmoid(x)), 1e-4f);
    return add(ones, multiply(subtract(1, target), log(rest))); // WARNING UnstableForm: (rest
  }
}

@Half
record WithEpsilon() {
  Tensor forward(Tensor x) {
    return log(add(softmax(x), 1e-3f)); // WARNING UnstableForm: (add
  }
}

@Half
record Variance() {
  Tensor forward(Tensor x) {
    Tensor m = mean(x, 1);
    Tensor v = subtract(mean(multiply(x, x), 1), multiply(m, m)); // WARNING UnstableForm: (mean
    Tensor kept = mean(x, new int[] {1}, true);
    Tensor w = subtract(mean(multiply(x, x), new int[] {1}, true), square(kept)); // WARNING UnstableForm: (mean
    return subtract(w, v);
  }
}

@Half
record Own() {
  Tensor forward(Tensor x) {
    return Entropies.lost(Entropies.squashed(x), 1); // WARNING UnstableForm: (Entropies
  }
}

final class Entropies {
  @Op(FOLLOW)
  static Tensor squashed(Tensor x) {
    return x;
  }

  @Op(DENY)
  static Tensor lost(Tensor p, int axis) {
    return p;
  }

  @Op(value = DENY, replaces = {"lost(squashed(x), axis)", "lost(x, 0)"})
  static Tensor kept(Tensor x, int axis) {
    return x;
  }
}
