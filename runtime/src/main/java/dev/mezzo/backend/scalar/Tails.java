package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Tail;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tails of kernels, element by element, on FP32 values before their rounding. */
final class Tails {

  private Tails() {}

  /** Applies a tail to values from element {@code first} of the whole result on. */
  static void apply(@Nullable Tail tail, float[] values, long first) {
    if (tail == null) {
      return;
    }
    List<float[]> read = tail.operands().stream().map(Values::read).toList();
    float[] of = new float[tail.program().values()];
    for (int i = 0; i < values.length; i++) {
      of[0] = values[i];
      for (int k = 0; k < read.size(); k++) {
        float[] operand = read.get(k);
        of[k + 1] = operand[(int) ((first + i) % operand.length)];
      }
      values[i] = Fused.result(tail.program(), of);
    }
  }
}
