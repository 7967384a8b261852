package dev.mezzo;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Moves each element of each kernel's result by a unit in its last place, up, down or not at all,
 * at random; FP32 by up to 16. Makes of plain loops another backend, whose rounding is just about
 * as bad as the contract lets it be. Zeros stay, and so do masks.
 */
final class UnitNoise implements KernelListener {

  private static final int FP32_UNITS = 16;
  private static final int FINITE_BELOW = 0x7F80_0000;

  private final SplittableRandom random;

  UnitNoise(long seed) {
    random = new SplittableRandom(seed);
  }

  @Override
  public void after(List<Operand> results) {
    for (Operand result : results) {
      for (long i = 0; i < result.size(); i++) {
        if (result.dtype() == DType.FP32) {
          moveFloat(result.data(), i);
        } else {
          moveHalf(result.data(), i, result.dtype() == DType.FP16 ? 0x7C00 : 0x7F80);
        }
      }
    }
  }

  private void moveFloat(MemorySegment data, long i) {
    int bits = Float.floatToRawIntBits(data.getAtIndex(JAVA_FLOAT, i));
    int magnitude = bits & Integer.MAX_VALUE;
    int moved = magnitude + random.nextInt(-FP32_UNITS, FP32_UNITS + 1);
    if (magnitude > FP32_UNITS && moved < FINITE_BELOW) {
      data.setAtIndex(JAVA_FLOAT, i, Float.intBitsToFloat(bits - magnitude + moved));
    }
  }

  private void moveHalf(MemorySegment data, long i, int infinity) {
    int bits = data.getAtIndex(JAVA_SHORT, i) & 0xFFFF;
    int magnitude = bits & 0x7FFF;
    int moved = magnitude + random.nextInt(-1, 2);
    if (magnitude > 0 && magnitude < infinity && moved < infinity) {
      data.setAtIndex(JAVA_SHORT, i, (short) (bits - magnitude + moved));
    }
  }
}
