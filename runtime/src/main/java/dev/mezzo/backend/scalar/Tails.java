package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Tail;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tails of kernels, element by element, on FP32 values before their rounding. */
final class Tails {

  private Tails() {}

  /**
   * Applies a tail to values from element {@code first} of the whole result on.
   *
   * @param columns of the result's last dimension
   */
  static void apply(@Nullable Tail tail, float[] values, long first, long whole, int columns) {
    if (tail == null) {
      return;
    }
    List<float[]> read = tail.operands().stream().map(Values::read).toList();
    float[] of = new float[tail.program().values()];
    for (int i = 0; i < values.length; i++) {
      of[0] = values[i];
      for (int k = 0; k < read.size(); k++) {
        float[] operand = read.get(k);
        long at = first + i;
        int index = (int) (operand.length == whole ? at : operand.length == 1 ? 0 : at % columns);
        of[k + 1] = operand[index];
      }
      values[i] = Fused.result(tail.program(), of);
    }
  }
}
