package dev.mezzo.benchmarks.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Random operands. */
final class Operands {

  private static final long PERIOD = 65_521;

  private final Backend backend;
  private final SplittableRandom random = new SplittableRandom(1);

  Operands(Backend backend) {
    this.backend = backend;
  }

  /** Numbers in (−1, 1), which repeat after a while. */
  Operand random(DType dtype, long size) {
    Operand floats = uninitialized(DType.FP32, size);
    for (long i = 0; i < Math.min(size, PERIOD); i++) {
      floats.data().setAtIndex(JAVA_FLOAT, i, 2 * (float) random.nextDouble() - 1);
    }
    for (long i = PERIOD; i < size; i += PERIOD) {
      long count = Math.min(PERIOD, size - i);
      MemorySegment.copy(floats.data(), 0, floats.data(), 4 * i, 4 * count);
    }
    if (dtype == DType.FP32) {
      return floats;
    }
    Operand result = uninitialized(dtype, size);
    backend.cast(floats, result);
    return result;
  }

  Operand filled(DType dtype, long size, float value) {
    Operand result = uninitialized(dtype, size);
    backend.fill(result, value);
    return result;
  }

  private Operand uninitialized(DType dtype, long size) {
    MemorySegment data = backend.allocate(size * dtype.bytes());
    return new Operand(data, dtype, size);
  }
}
