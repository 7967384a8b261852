package dev.mezzo.backend.vector;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.Operand;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/** The way out of a convolution's FP32 sums: bias, activation, one rounding. */
final class ConvolutionStore {

  private static final int LANES = Lanes.COUNT;
  private static final int CHUNK = Scratch.CHUNK;

  private final Plane target;
  private final Epilogue epilogue;
  private final @Nullable TailBlocks tail;
  private final float[] bias;

  ConvolutionStore(Plane target, Epilogue epilogue) {
    this.target = target;
    this.epilogue = epilogue;
    this.tail = TailBlocks.of(epilogue.tail(), target.data().size(), target.channels());
    this.bias = new float[ConvolutionBlocks.padded(target.channels()) + LANES]; // sums may be wider
    Operand given = epilogue.bias();
    if (given != null) {
      int period = (int) given.size(); // less than the channels where columns are taken for some
      for (int c = 0; c < target.channels(); c += period) {
        Conversions.widen(given, 0, bias, c, period);
      }
    }
  }

  /** Stores a row of pixels of {@code wide} sums each. The sums may be overwritten. */
  void row(int image, int row, float[] sums, int at, int wide, Scratch scratch) {
    int pixels = target.width();
    if (epilogue.bias() != null) {
      for (int j = 0; j < pixels; j++) {
        GemmStore.add(sums, at + j * wide, bias, 0, wide);
      }
    }
    if (epilogue.activation() != null) {
      for (int i = 0; i < pixels * wide; i += CHUNK) {
        int n = Math.min(CHUNK, pixels * wide - i);
        Activations.apply(epilogue.activation(), sums, at + i, n, scratch.z);
      }
    }
    long to = target.at(image, row, 0);
    int count = pixels * target.channels();
    if (wide > target.channels()) {
      target.gather(sums, at, pixels, wide);
    }
    if (tail != null) {
      tail.apply(sums, at, count, to, scratch);
    }
    narrow(sums, at, to, count, scratch);
  }

  private void narrow(float[] sums, int at, long to, int count, Scratch scratch) {
    for (int i = 0; i < count; i += CHUNK) {
      int n = Math.min(CHUNK, count - i);
      Conversions.narrow(sums, at + i, target.data(), to + i, n, scratch.halves);
    }
  }

  /** Whether all numbers are finite; {@code count} is a multiple of a vector's length. */
  static boolean finite(float[] x, int at, int count) {
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    FloatVector zero = sum;
    for (int i = 0; i < count; i += LANES) {
      sum = FloatVector.fromArray(Lanes.FLOATS, x, at + i).fma(zero, sum);
    }
    return sum.reduceLanes(jdk.incubator.vector.VectorOperators.ADD) == 0;
  }
}
