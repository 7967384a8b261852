package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static dev.mezzo.backend.vector.Lanes.INTS;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Products of 16-bit matrices of which the left one has few rows, and the right one is read row by
 * row, as it is stored: inference at small batches, the gradient of a weight of few classes. The
 * few rows are widened and packed once, the right matrix in registers ({@link RowKernel}), since
 * what is used so few times is not worth a packing.
 *
 * <p>Precision: operands widened exactly, FP32 fused multiply-adds in the order of k; one rounding.
 * The result does not depend on the threads.
 */
final class GemmRows {

  /** Most rows of the left operand. */
  private static final int FEW = 10;

  /** Fewest steps of k that are worth the packing and the way out. */
  private static final int LONG = 32;

  private static final int LANES = Lanes.COUNT;
  private static final int WIDTH = GemmBlocks.WIDTH;

  /** Columns of a strip. */
  private static final int STRIP = 2 * LANES;

  /** Most strips whose sums are kept together: what they read of a row follows one another. */
  private static final int STRIPS = 32;

  /**
   * Rows of a large right matrix that are read side by side, so that memory is read in runs: with 5
   * rows on the left, and twice as many with 10, whose sums are more to load and store.
   */
  private static final int DEPTH = 16;

  /** Bytes of a right matrix that is in a cache, where the order of reading matters less. */
  private static final long NEAR = 1 << 22;

  private static final IntVector LOW = turns(0);
  private static final IntVector HIGH = turns(LANES / 2);

  private final GemmShape shape;
  private final Matrix b;
  private final Matrix c;
  private final GemmStore store;
  private final HalfBits bits;

  /** Rows that the kernel multiplies together. */
  private final int group;

  private final boolean near;
  private final float[] packed;

  private GemmRows(
      GemmShape shape, Matrix a, Matrix b, Matrix c, Epilogue epilogue, Scratch scratch) {
    this.shape = shape;
    this.b = b;
    this.c = c;
    this.store = new GemmStore(c, shape.m(), shape.n(), epilogue);
    this.bits = HalfBits.of(b.operand().dtype());
    this.group = LANES == 16 && shape.m() > 5 ? 10 : 5;
    this.near = 2L * shape.k() * b.stride() <= NEAR;
    this.packed = pack(a, scratch);
  }

  static boolean takes(GemmShape shape, Matrix a, Matrix b) {
    return !b.transposed()
        && b.operand().dtype().isHalf()
        && a.operand().dtype() == b.operand().dtype()
        && shape.m() <= FEW
        && shape.n() >= STRIP
        && shape.k() >= LONG;
  }

  static void run(
      Workers workers,
      GemmShape shape,
      Matrix a,
      Matrix b,
      Matrix c,
      Epilogue epilogue,
      int threads) {
    GemmRows product = new GemmRows(shape, a, b, c, epilogue, workers.callers());
    int strips = (shape.n() + STRIP - 1) / STRIP;
    int perTask = Math.clamp(strips / (2 * threads), 1, STRIPS);
    int tasks = (strips + perTask - 1) / perTask;
    Workers.Task task =
        (index, scratch) ->
            product.strips(index * perTask, Math.min(perTask, strips - index * perTask), scratch);
    if (threads > 1) {
      workers.run(tasks, task);
    } else {
      for (int i = 0; i < tasks; i++) {
        task.run(i, workers.callers());
      }
    }
  }

  /** Groups of rows, each step by step; zeros for rows that are missing. */
  private float[] pack(Matrix a, Scratch scratch) {
    int k = shape.k();
    int size = (shape.m() + group - 1) / group * group * k;
    float[] to = scratch.large(1, size);
    Arrays.fill(to, 0, size, 0);
    for (int row = 0; row < shape.m(); row += group) {
      int rows = Math.min(group, shape.m() - row);
      if (a.transposed()) {
        boolean dense = rows == group && a.stride() == group;
        for (int p = 0; p < k; p += dense ? k : 1) {
          int count = dense ? k * group : rows;
          long from = (long) p * a.stride() + row;
          Conversions.widen(a.operand(), from, to, row * k + p * group, count);
        }
      } else {
        packRows(a, row, rows, scratch.large(0, k), to);
      }
    }
    float factor = bits.factor();
    for (int i = 0; i < size; i++) {
      to[i] *= factor;
    }
    return to;
  }

  private void packRows(Matrix a, int row, int rows, float[] line, float[] to) {
    int k = shape.k();
    for (int r = 0; r < rows; r++) {
      Conversions.widen(a.operand(), (long) (row + r) * a.stride(), line, 0, k);
      for (int p = 0; p < k; p++) {
        to[row * k + p * group + r] = line[p];
      }
    }
  }

  /** All rows times some strips. */
  private void strips(int first, int count, Scratch scratch) {
    int size = group * STRIP;
    float[] sums = scratch.sums(STRIPS * size);
    for (int row = 0; row < shape.m(); row += group) {
      boolean special = false;
      int depth = near ? shape.k() : group > 5 ? 2 * DEPTH : DEPTH;
      for (int p = 0; p < shape.k(); p += depth) {
        int steps = Math.min(depth, shape.k() - p);
        for (int i = 0; i < count; i++) {
          float[] to = p == 0 ? sums : scratch.y;
          special |= multiply(row, column(first + i), p, steps, to, p == 0 ? i * size : 0);
          if (p > 0) {
            GemmStore.add(sums, i * size, scratch.y, 0, size);
          }
        }
      }
      for (int i = 0; i < count; i++) {
        if (special) {
          again(row, column(first + i), scratch);
        } else {
          sort(sums, i * size, scratch.x);
        }
        store(row, first + i, scratch);
      }
    }
  }

  /** The last strip overlaps with the one before. */
  private int column(int strip) {
    return Math.min(strip * STRIP, shape.n() - STRIP);
  }

  private boolean multiply(int row, int column, int p, int steps, float[] sums, int to) {
    int at = row * shape.k() + p * group;
    long stride = 2L * b.stride();
    long from = p * stride + 2L * column;
    MemorySegment right = b.operand().data();
    return RowKernel.multiply(group, bits, packed, at, steps, right, from, stride, sums, to);
  }

  /** Brings the columns of a strip into their order. */
  private void sort(float[] sums, int at, float[] tile) {
    for (int r = 0; r < group; r++) {
      int i = at + r * STRIP;
      IntVector even = FloatVector.fromArray(FLOATS, sums, i).reinterpretAsInts();
      IntVector odd = FloatVector.fromArray(FLOATS, sums, i + LANES).reinterpretAsInts();
      LOW.selectFrom(even, odd).reinterpretAsFloats().intoArray(tile, r * WIDTH);
      HIGH.selectFrom(even, odd).reinterpretAsFloats().intoArray(tile, r * WIDTH + LANES);
    }
  }

  private void store(int row, int strip, Scratch scratch) {
    int known = strip * STRIP - column(strip);
    int column = strip * STRIP;
    store.bias(column, STRIP - known, scratch);
    int rows = Math.min(group, shape.m() - row);
    long to = (long) row * c.stride() + column;
    store.store(scratch.x, known, rows, STRIP - known, to, scratch);
  }

  /** The same number by number, where there is an Inf or NaN, to {@code scratch.x}. */
  private void again(int row, int column, Scratch scratch) {
    int at = row * shape.k();
    Arrays.fill(scratch.x, 0, group * WIDTH, 0);
    for (int p = 0; p < shape.k(); p++) {
      Conversions.widen(b.operand(), (long) p * b.stride() + column, scratch.y, 0, STRIP);
      for (int r = 0; r < group; r++) {
        float a = packed[at + p * group + r] / bits.factor();
        for (int j = 0; j < STRIP; j++) {
          scratch.x[r * WIDTH + j] = Math.fma(a, scratch.y[j], scratch.x[r * WIDTH + j]);
        }
      }
    }
  }

  /** Lanes of two vectors in turn, from the given ones on. */
  private static IntVector turns(int first) {
    int[] lanes = new int[LANES];
    for (int i = 0; i < LANES; i++) {
      lanes[i] = first + i / 2 + i % 2 * LANES;
    }
    return IntVector.fromArray(INTS, lanes, 0);
  }
}
