package fixed;

import static dev.mezzo.Ops.*;
import static dev.mezzo.annotations.PrecisionClass.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record UnstableForm() {
  Tensor forward(Tensor x) {
    return logSoftmax(x);
  }
}

@Half
record ByHand() {
  Tensor forward(Tensor x, Tensor target) {
    Tensor ones = multiply(target, negate(softplus(negate(x))));
    Tensor zeros = multiply(subtract(1, target), negate(softplus(x)));
    return add(ones, zeros);
  }
}

@Full
record InFull() {
  Tensor forward(Tensor x) {
    return log(softmax(x));
  }
}

@Half
record OfSomethingElse() {
  Tensor forward(Tensor x) {
    return log(relu(softmax(x)));
  }
}

@Half
record Probabilities() {
  Tensor forward(Tensor x, Tensor target) {
    return binaryCrossEntropyWithLogits(x, target);
  }
}

@Half
record Variance() {
  Tensor forward(Tensor x) {
    return variance(x, new int[] {1}, 0, false);
  }
}

@Half
record SquaresInFull() {
  Tensor forward(Tensor x) {
    return subtract(mean(square(x)), square(mean(x)));
  }
}

@Half
record Silenced() {
  Tensor forward(Tensor x) {
    @SuppressWarnings("mezzo:UnstableForm")
    Tensor y = log(softmax(x));
    return y;
  }
}
