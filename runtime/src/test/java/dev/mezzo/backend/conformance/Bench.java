package dev.mezzo.backend.conformance;

import dev.mezzo.backend.Backend;
import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Where one kernel case runs: makes its buffers, and checks results, guards and that operands stay
 * as they were.
 */
final class Bench {

  private static final double[] SPECIAL = {
    0.0,
    -0.0,
    1,
    -1,
    0x1p-24,
    -0x1p-24,
    0x1p-15,
    65504,
    -65504,
    65520,
    -65520,
    0x1p-130,
    -0x1p-130,
    3e-5,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    Double.NaN
  };

  private final Slab slab;
  private final SplittableRandom random;
  private final int shift;
  private final List<Buffer> buffers = new ArrayList<>();
  private final Map<Buffer, byte[]> operands = new LinkedHashMap<>();

  /** Buffers start {@code shift} elements after a 64-byte boundary. */
  Bench(Slab slab, long seed, int shift) {
    this.slab = slab;
    this.random = new SplittableRandom(seed);
    this.shift = shift;
  }

  Backend backend() {
    return slab.backend();
  }

  SplittableRandom random() {
    return random;
  }

  /** An operand of numbers in [−3, 3), not to be written to. */
  Buffer operand(DType dtype, int size) {
    return values(dtype, random.doubles(size, -3, 3).toArray());
  }

  /** An operand of given numbers, rounded, not to be written to. */
  Buffer values(DType dtype, double... values) {
    Buffer buffer = result(dtype, values.length).set(values);
    operands.put(buffer, buffer.bytes());
    return buffer;
  }

  /**
   * An operand of zeros, subnormals, the ends of FP16's range, infinities and NaN, in random order.
   */
  Buffer special(DType dtype, int size) {
    return values(
        dtype, random.ints(size, 0, SPECIAL.length).mapToDouble(i -> SPECIAL[i]).toArray());
  }

  Buffer ints(int... values) {
    Buffer buffer = result(DType.INT32, values.length).setInts(values);
    operands.put(buffer, buffer.bytes());
    return buffer;
  }

  /** A buffer that a kernel writes to. */
  Buffer result(DType dtype, int size) {
    Buffer buffer = new Buffer(slab, dtype, size, shift);
    buffers.add(buffer);
    return buffer;
  }

  /**
   * Checks that y is what {@code expected} may round to, if it was computed with an error of at
   * most {@code error} before the one rounding: since rounding is monotone, a number between the
   * rounded ends of that interval.
   */
  void check(Buffer y, double[] expected, double[] error) {
    double[] found = y.get();
    for (int i = 0; i < found.length; i++) {
      check(y.dtype(), i, found[i], expected[i], error[i]);
    }
  }

  static void check(DType dtype, int index, double found, double expected, double error) {
    boolean right;
    if (Double.isNaN(expected)) {
      right = Double.isNaN(found);
    } else if (Double.isInfinite(expected)) {
      right = found == expected;
    } else {
      double margin = Double.isNaN(error) ? 0 : error;
      right =
          found >= Rounding.nearest(expected - margin, dtype)
              && found <= Rounding.nearest(expected + margin, dtype);
    }
    if (!right) {
      throw new AssertionError(
          "element %d is %s, but must be %s (computed within %.3g, then rounded to %s)"
              .formatted(index, found, expected, error, dtype));
    }
  }

  /** Checks equality of values and of the signs of zeros; NaN is NaN. */
  void checkExact(Buffer y, double[] expected) {
    double[] found = y.get();
    for (int i = 0; i < found.length; i++) {
      if (Double.compare(found[i], expected[i]) != 0) {
        throw new AssertionError(
            "element %d is %s, but must be %s".formatted(i, found[i], expected[i]));
      }
    }
  }

  /** Checks all guards, and that no operand was written to. */
  void finish() {
    buffers.forEach(Buffer::checkGuards);
    operands.forEach(
        (buffer, before) -> {
          if (!Arrays.equals(before, buffer.bytes())) {
            throw new AssertionError(
                "an operand of " + buffer.size() + " " + buffer.dtype() + " was written to");
          }
        });
  }
}
