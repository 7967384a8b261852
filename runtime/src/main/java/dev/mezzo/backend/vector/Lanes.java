package dev.mezzo.backend.vector;

import java.nio.ByteOrder;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * How wide the vectors are: what the processor prefers, or less by the property {@code
 * mezzo.vector.bits} (128, 256 or 512), which may only lower it. Fixed for the JVM's life, so that
 * the compiler sees constants.
 */
final class Lanes {

  static final int BITS = bits();

  static final VectorSpecies<Float> FLOATS =
      switch (BITS) {
        case 512 -> FloatVector.SPECIES_512;
        case 256 -> FloatVector.SPECIES_256;
        default -> FloatVector.SPECIES_128;
      };

  static final VectorSpecies<Integer> INTS =
      switch (BITS) {
        case 512 -> IntVector.SPECIES_512;
        case 256 -> IntVector.SPECIES_256;
        default -> IntVector.SPECIES_128;
      };

  /** As many 16-bit lanes as {@link #FLOATS} has. */
  static final VectorSpecies<Short> SHORTS =
      switch (BITS) {
        case 512 -> ShortVector.SPECIES_256;
        case 256 -> ShortVector.SPECIES_128;
        default -> ShortVector.SPECIES_64;
      };

  /** A whole vector of 16-bit numbers. */
  static final VectorSpecies<Short> WIDE_SHORTS =
      switch (BITS) {
        case 512 -> ShortVector.SPECIES_512;
        case 256 -> ShortVector.SPECIES_256;
        default -> ShortVector.SPECIES_128;
      };

  /** A vector of FP64 numbers. */
  static final VectorSpecies<Double> DOUBLES =
      switch (BITS) {
        case 512 -> DoubleVector.SPECIES_512;
        case 256 -> DoubleVector.SPECIES_256;
        default -> DoubleVector.SPECIES_128;
      };

  /** As many FP32 lanes as {@link #DOUBLES} has. */
  static final VectorSpecies<Float> FEW_FLOATS =
      switch (BITS) {
        case 512 -> FloatVector.SPECIES_256;
        case 256 -> FloatVector.SPECIES_128;
        default -> FloatVector.SPECIES_64;
      };

  /** FP32 numbers in a vector. */
  static final int COUNT = FLOATS.length();

  static final ByteOrder ORDER = ByteOrder.nativeOrder();

  // Lanes turned by so many.
  private static final VectorShuffle<Float> BY_8 = turned(8);
  private static final VectorShuffle<Float> BY_4 = turned(4);
  private static final VectorShuffle<Float> BY_2 = turned(2);
  private static final VectorShuffle<Float> BY_1 = turned(1);

  private Lanes() {}

  /** The sum of the lanes in a fixed order, which {@code reduceLanes} does not promise. */
  static float sum(FloatVector v) {
    FloatVector sum = v;
    if (COUNT > 8) {
      sum = sum.add(sum.rearrange(BY_8));
    }
    if (COUNT > 4) {
      sum = sum.add(sum.rearrange(BY_4));
    }
    sum = sum.add(sum.rearrange(BY_2));
    return sum.add(sum.rearrange(BY_1)).lane(0);
  }

  private static VectorShuffle<Float> turned(int lanes) {
    return VectorShuffle.iota(FLOATS, lanes % COUNT, 1, true);
  }

  private static int bits() {
    int preferred = FloatVector.SPECIES_PREFERRED.vectorBitSize();
    int wanted = Integer.getInteger("mezzo.vector.bits", preferred);
    int bits = Math.min(Math.min(wanted, preferred), 512);
    return bits >= 512 ? 512 : bits >= 256 ? 256 : 128;
  }
}
