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
      Conversions.widen(given, 0, bias, 0, target.channels());
    }
  }

  /**
   * Stores {@code pixels} pixels of {@code wide} sums each, from (row, column) on, every {@code
   * step}-th column. The sums may be overwritten.
   */
  void row(
      int image,
      int row,
      int column,
      int step,
      int pixels,
      float[] sums,
      int at,
      int wide,
      Scratch scratch) {
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
    if (step == 1 && wide == target.channels()) {
      long to = target.at(image, row, column);
      if (tail != null) {
        tail.apply(sums, at, pixels * wide, to, scratch);
      }
      narrow(sums, at, to, pixels * wide, scratch);
      return;
    }
    for (int j = 0; j < pixels; j++) {
      long to = target.at(image, row, column + j * step);
      if (tail != null) {
        tail.apply(sums, at + j * wide, target.channels(), to, scratch);
      }
      narrow(sums, at + j * wide, to, target.channels(), scratch);
    }
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
