package dev.mezzo.backend.conformance;

import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * All bit patterns of a 16-bit type, decoded by its definition, and the FP32 numbers around the
 * borders of its roundings.
 */
final class HalfPatterns {

  static final int COUNT = 1 << 16;

  private static final Map<DType, List<Rounded>> ROUNDINGS = new EnumMap<>(DType.class);

  private HalfPatterns() {}

  static short[] bits() {
    short[] bits = new short[COUNT];
    for (int i = 0; i < COUNT; i++) {
      bits[i] = (short) i;
    }
    return bits;
  }

  /**
   * The values of patterns 0, 1, … 65535: (−1)^sign·2^(exponent − bias)·1.fraction, without the 1
   * at exponent 0.
   */
  static double[] values(DType dtype) {
    int fractionBits = dtype == DType.FP16 ? 10 : 7;
    int exponentMask = dtype == DType.FP16 ? 31 : 255;
    int bias = exponentMask / 2;
    double[] values = new double[COUNT];
    for (int i = 0; i < COUNT; i++) {
      int exponent = (i >> fractionBits) & exponentMask;
      int fraction = i & ((1 << fractionBits) - 1);
      double magnitude;
      if (exponent == exponentMask) {
        magnitude = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
      } else if (exponent == 0) {
        magnitude = Math.scalb((double) fraction, 1 - bias - fractionBits);
      } else {
        magnitude =
            Math.scalb((double) (fraction + (1 << fractionBits)), exponent - bias - fractionBits);
      }
      values[i] = i < COUNT / 2 ? magnitude : -magnitude;
    }
    return values;
  }

  /** An FP32 number and what it must become. */
  record Rounded(float value, double expected) {}

  /**
   * Around each pair of neighbours a &lt; b: a, just above it, just below the middle, the middle (a
   * tie, to the even pattern), just above the middle, just below b; of both signs; and Inf, NaN.
   * The largest finite number's upper neighbour is the power of two that would come next, which is
   * Inf.
   */
  static synchronized List<Rounded> roundings(DType dtype) {
    return ROUNDINGS.computeIfAbsent(dtype, HalfPatterns::borders);
  }

  private static List<Rounded> borders(DType dtype) {
    double[] values = values(dtype);
    List<Rounded> cases = new ArrayList<>();
    int infinity = dtype == DType.FP16 ? 0x7C00 : 0x7F80;
    for (int pattern = 0; pattern < infinity; pattern++) {
      double low = values[pattern];
      double high = values[pattern + 1];
      double next = Double.isInfinite(high) ? 2 * low - values[pattern - 1] : high;
      double middle = low + (next - low) / 2;
      double even = pattern % 2 == 0 ? low : high;
      add(cases, low, low);
      add(cases, Math.nextUp((float) low), low);
      if (middle > Float.MIN_VALUE) {
        add(cases, Math.nextDown((float) middle), low);
      }
      add(cases, middle, even);
      add(cases, Math.nextUp((float) middle), high);
      add(cases, Math.nextDown((float) Math.min(next, Float.MAX_VALUE)), high);
    }
    add(cases, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
    add(cases, Float.MAX_VALUE, Double.POSITIVE_INFINITY);
    add(cases, Double.NaN, Double.NaN);
    cases.add(
        new Rounded(
            Float.intBitsToFloat(0x7F800001), Double.NaN)); // signalling, payload in the lowest bit
    return cases;
  }

  private static void add(List<Rounded> cases, double value, double expected) {
    cases.add(new Rounded((float) value, expected));
    cases.add(new Rounded((float) -value, -expected));
  }
}
