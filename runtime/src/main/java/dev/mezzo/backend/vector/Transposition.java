package dev.mezzo.backend.vector;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Transposes blocks of 16 rows by 16 words of 32 bits, a word being one FP32 number or two 16-bit
 * ones: four rounds of two-vector permutations, round r exchanging the lanes whose numbers differ
 * in bit r.
 *
 * <p>Two rounds to a method: together they would exceed what the compiler inlines, and every vector
 * would be a heap object. For vectors of 16 lanes alone; {@link GemmPacking} has plain loops for
 * narrower ones.
 */
final class Transposition {

  /** Words of a block. */
  static final int BLOCK = 256;

  private static final int[][] LOW = new int[4][16];
  private static final int[][] HIGH = new int[4][16];

  /** The last round's permutations for halves: all words' first halves, then their second ones. */
  private static final short[] LOW_HALVES = new short[32];

  private static final short[] HIGH_HALVES = new short[32];

  static {
    for (int round = 0; round < 4; round++) {
      int bit = 1 << round;
      for (int lane = 0; lane < 16; lane++) {
        boolean first = (lane & bit) == 0;
        LOW[round][lane] = first ? lane : 16 + lane - bit;
        HIGH[round][lane] = first ? lane + bit : 16 + lane;
      }
    }
    for (int lane = 0; lane < 32; lane++) {
      LOW_HALVES[lane] = (short) (2 * LOW[3][lane % 16] + lane / 16);
      HIGH_HALVES[lane] = (short) (2 * HIGH[3][lane % 16] + lane / 16);
    }
  }

  private Transposition() {}

  /**
   * Transposes neighbouring blocks of FP32 numbers, the first of whose 16 rows starts at byte
   * {@code start}: {@code to[16·c + r] = row r's number c}.
   *
   * @param stride bytes from a row to the next
   * @param between room for the blocks between the rounds
   */
  static void words(
      MemorySegment from, long start, long stride, int blocks, int[] between, int[] to) {
    firstRounds(from, start, stride, blocks, between);
    lastRounds(between, blocks, to);
  }

  /** As {@link #words}, of 16-bit numbers; a block has 32 columns of them. */
  static void halves(
      MemorySegment from, long start, long stride, int blocks, int[] between, short[] to) {
    firstRounds(from, start, stride, blocks, between);
    lastRounds(between, blocks, to);
  }

  /** The permutation of a round that makes the first of its two results. */
  static IntVector low(int round) {
    return IntVector.fromArray(Lanes.INTS, LOW[round], 0);
  }

  /** The permutation of a round that makes the second one. */
  static IntVector high(int round) {
    return IntVector.fromArray(Lanes.INTS, HIGH[round], 0);
  }

  private static void firstRounds(
      MemorySegment from, long start, long stride, int blocks, int[] to) {
    IntVector low0 = low(0);
    IntVector low1 = low(1);
    IntVector high0 = high(0);
    IntVector high1 = high(1);
    for (int block = 0; block < blocks; block++) {
      for (int group = 0; group < 4; group++) {
        long o = start + 64L * block + 4L * group * stride;
        IntVector a = IntVector.fromMemorySegment(Lanes.INTS, from, o, Lanes.ORDER);
        IntVector b = IntVector.fromMemorySegment(Lanes.INTS, from, o + stride, Lanes.ORDER);
        IntVector d = IntVector.fromMemorySegment(Lanes.INTS, from, o + 2 * stride, Lanes.ORDER);
        IntVector e = IntVector.fromMemorySegment(Lanes.INTS, from, o + 3 * stride, Lanes.ORDER);
        IntVector ab = low0.selectFrom(a, b);
        IntVector ba = high0.selectFrom(a, b);
        IntVector de = low0.selectFrom(d, e);
        IntVector ed = high0.selectFrom(d, e);
        int at = BLOCK * block + 64 * group;
        low1.selectFrom(ab, de).intoArray(to, at);
        low1.selectFrom(ba, ed).intoArray(to, at + 16);
        high1.selectFrom(ab, de).intoArray(to, at + 32);
        high1.selectFrom(ba, ed).intoArray(to, at + 48);
      }
    }
  }

  private static void lastRounds(int[] from, int blocks, int[] to) {
    IntVector low2 = low(2);
    IntVector low3 = low(3);
    IntVector high2 = high(2);
    IntVector high3 = high(3);
    for (int block = 0; block < blocks; block++) {
      for (int group = 0; group < 4; group++) {
        int o = BLOCK * block + 16 * group;
        IntVector a = IntVector.fromArray(Lanes.INTS, from, o);
        IntVector b = IntVector.fromArray(Lanes.INTS, from, o + 64);
        IntVector d = IntVector.fromArray(Lanes.INTS, from, o + 128);
        IntVector e = IntVector.fromArray(Lanes.INTS, from, o + 192);
        IntVector ab = low2.selectFrom(a, b);
        IntVector ba = high2.selectFrom(a, b);
        IntVector de = low2.selectFrom(d, e);
        IntVector ed = high2.selectFrom(d, e);
        low3.selectFrom(ab, de).intoArray(to, o);
        low3.selectFrom(ba, ed).intoArray(to, o + 64);
        high3.selectFrom(ab, de).intoArray(to, o + 128);
        high3.selectFrom(ba, ed).intoArray(to, o + 192);
      }
    }
  }

  /** The last round also separates the words' halves. */
  private static void lastRounds(int[] from, int blocks, short[] to) {
    IntVector low2 = low(2);
    IntVector high2 = high(2);
    ShortVector low3 = ShortVector.fromArray(Lanes.WIDE_SHORTS, LOW_HALVES, 0);
    ShortVector high3 = ShortVector.fromArray(Lanes.WIDE_SHORTS, HIGH_HALVES, 0);
    for (int block = 0; block < blocks; block++) {
      for (int group = 0; group < 4; group++) {
        int o = BLOCK * block + 16 * group;
        IntVector a = IntVector.fromArray(Lanes.INTS, from, o);
        IntVector b = IntVector.fromArray(Lanes.INTS, from, o + 64);
        IntVector d = IntVector.fromArray(Lanes.INTS, from, o + 128);
        IntVector e = IntVector.fromArray(Lanes.INTS, from, o + 192);
        ShortVector ab = low2.selectFrom(a, b).reinterpretAsShorts();
        ShortVector ba = high2.selectFrom(a, b).reinterpretAsShorts();
        ShortVector de = low2.selectFrom(d, e).reinterpretAsShorts();
        ShortVector ed = high2.selectFrom(d, e).reinterpretAsShorts();
        low3.selectFrom(ab, de).intoArray(to, 2 * o);
        low3.selectFrom(ba, ed).intoArray(to, 2 * o + 128);
        high3.selectFrom(ab, de).intoArray(to, 2 * o + 256);
        high3.selectFrom(ba, ed).intoArray(to, 2 * o + 384);
      }
    }
  }
}
