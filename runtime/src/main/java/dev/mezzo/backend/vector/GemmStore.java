package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import org.jspecify.annotations.Nullable;

/**
 * A product's way out: FP32 tiles get the old result, bias and activation, are rounded once, and
 * stored.
 *
 * <p>Tiles are rows of {@link GemmBlocks#WIDTH} elements, of which {@code width} matter.
 */
final class GemmStore {

  private static final int LANES = Lanes.COUNT;
  private static final int WIDTH = GemmBlocks.WIDTH;

  private final Matrix c;
  private final Epilogue epilogue;
  private final @Nullable TailBlocks tail;

  /** The way to an (m, n) matrix. */
  GemmStore(Matrix c, int m, int n, Epilogue epilogue) {
    this.c = c;
    this.epilogue = epilogue;
    this.tail = TailBlocks.of(epilogue.tail(), (long) m * n, n);
  }

  /** The elements of the bias that a tile's columns need, to {@code scratch.w}. */
  void bias(int column, int width, Scratch scratch) {
    if (epilogue.bias() != null) {
      Conversions.widen(epilogue.bias(), column, scratch.w, 0, width);
    }
  }

  /**
   * Finishes and stores the tile at {@code tile[at ..]}; it may be overwritten. The {@link #bias}
   * is in {@code scratch.w}.
   */
  void store(float[] tile, int at, int rows, int width, long to, Scratch scratch) {
    if (epilogue.accumulate()) {
      addOld(tile, at, rows, width, c, to, scratch.z);
    }
    if (epilogue.bias() != null) {
      addBias(tile, at, rows, scratch.w);
    }
    if (epilogue.activation() != null) {
      Activations.apply(epilogue.activation(), tile, at, rows * WIDTH, scratch.z);
    }
    if (tail != null) {
      tail.apply(tile, at, rows, width, WIDTH, to, scratch);
    }
    MemorySegment data = c.operand().data();
    switch (c.operand().dtype()) {
      case FP16 -> {
        Conversions.narrowFp16(tile, at, scratch.halves, rows * WIDTH);
        storeHalves(scratch.halves, rows, width, data, to * 2, c.stride() * 2L);
      }
      case BF16 -> {
        Conversions.narrowBf16(tile, at, scratch.halves, rows * WIDTH);
        storeHalves(scratch.halves, rows, width, data, to * 2, c.stride() * 2L);
      }
      default -> storeFloats(tile, at, rows, width, data, to * 4, c.stride() * 4L);
    }
  }

  /** Adds {@code count} elements. */
  static void add(float[] to, int at, float[] from, int start, int count) {
    int i = 0;
    for (;
        i <= count - LANES;
        i += LANES) { // as the arrays might overlap, C2 would not vectorise it
      FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, to, at + i);
      sum.add(FloatVector.fromArray(Lanes.FLOATS, from, start + i)).intoArray(to, at + i);
    }
    for (; i < count; i++) {
      to[at + i] += from[start + i];
    }
  }

  /** Adds {@code count} elements of a tensor; uses the scratch's {@code z}. */
  static void add(float[] to, int at, Operand more, long from, int count, Scratch scratch) {
    for (int i = 0; i < count; i += Scratch.CHUNK) {
      int n = Math.min(Scratch.CHUNK, count - i);
      Conversions.widen(more, from + i, scratch.z, 0, n);
      add(to, at + i, scratch.z, 0, n);
    }
  }

  private static void addOld(
      float[] tile, int at, int rows, int width, Matrix c, long from, float[] old) {
    for (int r = 0; r < rows; r++) {
      Conversions.widen(c.operand(), from + (long) r * c.stride(), old, 0, width);
      add(tile, at + r * WIDTH, old, 0, width);
    }
  }

  private static void addBias(float[] tile, int at, int rows, float[] bias) {
    for (int v = 0; v < WIDTH; v += LANES) {
      FloatVector b = FloatVector.fromArray(Lanes.FLOATS, bias, v);
      for (int r = 0; r < rows; r++) {
        int i = at + r * WIDTH + v;
        FloatVector.fromArray(Lanes.FLOATS, tile, i).add(b).intoArray(tile, i);
      }
    }
  }

  private static void storeHalves(
      short[] from, int rows, int width, MemorySegment to, long offset, long stride) {
    for (int r = 0; r < rows; r++) {
      long row = offset + r * stride;
      if (width == WIDTH) {
        for (int v = 0; v < WIDTH; v += LANES) {
          ShortVector halves = ShortVector.fromArray(Lanes.SHORTS, from, r * WIDTH + v);
          halves.intoMemorySegment(to, row + 2L * v, Lanes.ORDER);
        }
      } else if (width < LANES) { // a call would take longer
        for (int v = 0; v < width; v++) {
          to.set(JAVA_SHORT, row + 2L * v, from[r * WIDTH + v]);
        }
      } else {
        MemorySegment.copy(from, r * WIDTH, to, JAVA_SHORT, row, width);
      }
    }
  }

  private static void storeFloats(
      float[] from, int at, int rows, int width, MemorySegment to, long offset, long stride) {
    for (int r = 0; r < rows; r++) {
      long row = offset + r * stride;
      if (width == WIDTH) {
        for (int v = 0; v < WIDTH; v += LANES) {
          FloatVector floats = FloatVector.fromArray(Lanes.FLOATS, from, at + r * WIDTH + v);
          floats.intoMemorySegment(to, row + 4L * v, Lanes.ORDER);
        }
      } else {
        MemorySegment.copy(from, at + r * WIDTH, to, JAVA_FLOAT, row, width);
      }
    }
  }
}
