package dev.mezzo.benchmarks.kernels;

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
    float[] numbers = new float[(int) Math.min(size, PERIOD)];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = 2 * (float) random.nextDouble() - 1;
    }
    MemorySegment host = MemorySegment.ofArray(numbers);
    Operand floats = uninitialized(DType.FP32, size);
    for (long i = 0; i < size; i += PERIOD) {
      long bytes = Float.BYTES * Math.min(PERIOD, size - i);
      backend.upload(host.asSlice(0, bytes), floats.data().asSlice(Float.BYTES * i, bytes));
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
