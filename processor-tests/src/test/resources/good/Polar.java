package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.sqrt;
import static dev.mezzo.Ops.tanh;
import static dev.mezzo.annotations.PrecisionClass.FOLLOW;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Gradient;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.Op;
import dev.mezzo.layers.Linear;

/** An operation that returns a record, of which some methods read all, some a part. */
@Half
record Polar(Linear a, Linear b, boolean both) {
  record Sums(Tensor plain, Tensor squares) {}

  Tensor forward(Tensor x) {
    Sums s = sums(a.forward(x), b.forward(x));
    Tensor h = tanh(s.plain());
    if (both) {
      h = multiply(h, sqrt(s.squares()));
    }
    return add(h, sums(h, x).squares());
  }

  /** {@code p + q} and {@code p² + q²}, of equal shapes. */
  @Op(FOLLOW)
  static Sums sums(Tensor p, Tensor q) {
    try (Tensor pp = multiply(p, p);
        Tensor qq = multiply(q, q)) {
      return new Sums(add(p, q), add(pp, qq));
    }
  }

  @Gradient(of = "sums", wrt = "p")
  static Tensor sumsGradientP(Tensor[] dy, Tensor p) {
    return through(dy, p);
  }

  @Gradient(of = "sums", wrt = "q")
  static Tensor sumsGradientQ(Tensor[] dy, Tensor q) {
    return through(dy, q);
  }

  private static Tensor through(Tensor[] dy, Tensor x) {
    try (Tensor twice = add(x, x);
        Tensor ofSquare = multiply(dy[1], twice)) {
      return add(dy[0], ofSquare);
    }
  }
}
