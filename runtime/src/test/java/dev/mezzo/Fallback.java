package dev.mezzo;

import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;

/** What {@link BackendsTest} starts in a JVM without the vector module. */
final class Fallback {

  private Fallback() {}

  public static void main(String[] arguments) {
    for (int i = 0; i < 64; i++) { // of 4 MiB each, never closed, more than the JVM may hold
      Tensor.allocate(Shape.of(1 << 20), DType.FP32);
    }
    try (Tensor x = Tensor.of(Shape.of(2), 1, -2);
        Tensor y = Ops.relu(x)) {
      System.out.println(y + " on " + y.device());
    }
  }
}
