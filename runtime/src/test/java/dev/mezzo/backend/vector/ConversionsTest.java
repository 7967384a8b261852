package dev.mezzo.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ConversionsTest {

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FP16", "BF16"})
  void everyPatternWidensAndComesBack(DType dtype) {
    Operand all = Data.sized(dtype, 65536L);
    for (int i = 0; i < 65536; i++) {
      all.data().setAtIndex(ValueLayout.JAVA_SHORT, i, (short) i);
    }
    for (int round = 0; round < 300; round++) { // the last rounds run compiled
      int from = round * 211 % 4096;
      check(dtype, all, from, 1 + round * 7 % 2048);
    }
    for (int from = 0; from < 65536; from += 2048) {
      check(dtype, all, from, 2048);
    }
  }

  private static void check(DType dtype, Operand all, int from, int count) {
    float[] wide = new float[2048 + 3];
    Conversions.widen(all, from, wide, 3, count);
    Operand back = Data.sized(dtype, 2048L + 5);
    Conversions.narrow(wide, 3, back, 5, count, new short[2048]);
    for (int i = 0; i < count; i++) {
      short pattern = (short) (from + i);
      float expected = Data.get(all, from + i);
      assertEquals(expected, wide[3 + i], () -> Integer.toHexString(pattern));
      assertEquals(Float.floatToRawIntBits(expected) < 0, Float.floatToRawIntBits(wide[3 + i]) < 0);
      short found = back.data().getAtIndex(ValueLayout.JAVA_SHORT, 5 + i);
      if (Float.isNaN(expected)) {
        assertTrue(Float.isNaN(Data.get(back, 5 + i)), () -> Integer.toHexString(pattern));
      } else {
        assertEquals(pattern, found, () -> Integer.toHexString(pattern));
      }
    }
  }

  /**
   * Between each two neighbours: the halfway point goes to the even one, its own neighbours to the
   * nearer one.
   */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FP16", "BF16"})
  void tiesGoToEven(DType dtype) {
    int infinity = dtype == DType.FP16 ? 0x7c00 : 0x7f80;
    Operand pair = Data.sized(dtype, 2L);
    float[] values = new float[2048];
    short[] expected = new short[2048];
    int count = 0;
    for (int low = 0; low < infinity; low++) {
      pair.data().setAtIndex(ValueLayout.JAVA_SHORT, 0, (short) low);
      pair.data().setAtIndex(ValueLayout.JAVA_SHORT, 1, (short) (low + 1));
      float halfway = halfway(dtype, Data.get(pair, 0), Data.get(pair, 1));
      short even = (short) ((low & 1) == 0 ? low : low + 1);
      count = put(values, expected, count, halfway, even);
      count = put(values, expected, count, Math.nextUp(halfway), (short) (low + 1));
      count = put(values, expected, count, Math.nextDown(halfway), (short) low);
      count = put(values, expected, count, -halfway, (short) (even | 0x8000));
      if (count + 4 > values.length || low == infinity - 1) {
        checkNarrow(dtype, values, expected, count);
        count = 0;
      }
    }
  }

  private static float halfway(DType dtype, float low, float high) {
    double above = Float.isInfinite(high) ? (dtype == DType.FP16 ? 65536.0 : 0x1p128) : high;
    return (float) ((low + above) / 2);
  }

  private static int put(float[] values, short[] expected, int at, float value, short pattern) {
    values[at] = value;
    expected[at] = pattern;
    return at + 1;
  }

  private static void checkNarrow(DType dtype, float[] values, short[] expected, int count) {
    Operand found = Data.sized(dtype, count + 1L);
    Conversions.narrow(values, 0, found, 1, count, new short[2048]);
    for (int i = 0; i < count; i++) {
      float value = values[i];
      assertEquals(
          expected[i],
          found.data().getAtIndex(ValueLayout.JAVA_SHORT, 1 + i),
          () -> Float.toHexString(value));
    }
  }
}
