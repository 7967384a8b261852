package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.sigmoid;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** Methods on tensors of a superclass, an interface and another class, in the same file. */
@Half
public final class Family extends Parent implements Gated {
  final Linear linear;

  Family(Linear linear) {
    super("family", 2);
    this.linear = linear;
  }

  public Tensor forward(Tensor x) {
    check(x);
    return residual(gated(Functions.swish(linear.forward(x))));
  }

  @Override
  Tensor inner(Tensor x) {
    return tanh(x);
  }
}

/** Holds plain values alone. */
abstract class Parent {
  final String name;
  final int rank;

  Parent(String name, int rank) {
    this.name = name;
    this.rank = rank;
  }

  void check(Tensor x) {
    if (x.shape().rank() != rank) {
      throw new IllegalArgumentException(name + " is given " + x.shape());
    }
  }

  Tensor residual(Tensor x) {
    return add(x, inner(x));
  }

  abstract Tensor inner(Tensor x);
}

/** Gates itself. */
interface Gated {
  default Tensor gated(Tensor x) {
    return multiply(x, sigmoid(x));
  }
}

/** Functions that no library has. */
final class Functions {
  private Functions() {}

  static Tensor swish(Tensor x) {
    return multiply(x, sigmoid(x));
  }
}
