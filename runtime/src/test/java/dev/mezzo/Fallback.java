package dev.mezzo;

import dev.mezzo.types.Shape;

/** What {@link BackendsTest} starts in a JVM without the vector module. */
final class Fallback {

  private Fallback() {}

  public static void main(String[] arguments) {
    try (Tensor x = Tensor.of(Shape.of(2), 1, -2);
        Tensor y = Ops.relu(x)) {
      System.out.println(y + " on " + y.device());
    }
  }
}
