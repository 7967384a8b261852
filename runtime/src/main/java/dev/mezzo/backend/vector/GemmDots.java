package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static dev.mezzo.backend.vector.Lanes.INTS;
import static dev.mezzo.backend.vector.Lanes.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Products {@code a·bᵀ} of 16-bit matrices of which one has few lines: inference at small batches,
 * a last layer of few classes. Both are read along k, as they are stored: the few lines are widened
 * and packed once, the many in registers, two at a time ({@link DotKernel}), or, for one or two
 * lines, one by one ({@link HalfDots}); each result is a dot product of two lines.
 *
 * <p>Pairs of the many walk along k forth and back in turn, so that a first-level cache still has
 * most of the packed lines that the next pair begins with.
 *
 * <p>Precision: operands widened exactly, FP32 fused multiply-adds in as many partial sums as a
 * vector has lanes, added pairwise; one rounding. The result does not depend on the threads, but
 * its last bit on whether its line's turn is forth or back.
 */
final class GemmDots {

  /** Most lines of the operand that has few. */
  private static final int FEW = 10;

  /** Most lines with which the many are multiplied one by one. */
  private static final int FEWEST = 2;

  /** Fewest steps of k that are worth a reduction of lanes for each result. */
  private static final int LONG = 256;

  private static final int LANES = Lanes.COUNT;
  private static final int WIDTH = GemmBlocks.WIDTH;

  /** Bytes of a vector. */
  private static final long STEP = 4L * LANES;

  /** Results whose lanes are added up together: a multiple of the lanes. */
  private static final int SUMS = 80;

  private static final IntVector EVEN = lanes(0);
  private static final IntVector ODD = lanes(1);

  private final GemmShape shape;
  private final Matrix few;
  private final Matrix many;
  private final Matrix c;
  private final GemmStore store;
  private final boolean fewRows;
  private final int lines;

  /** Few lines that the kernel multiplies together. */
  private final int group;

  private final MemorySegment panel;

  private GemmDots(
      GemmShape shape, Matrix a, Matrix b, Matrix c, Epilogue epilogue, Scratch scratch) {
    this.shape = shape;
    this.fewRows = shape.m() <= shape.n();
    this.few = fewRows ? a : b;
    this.many = fewRows ? b : a;
    this.c = c;
    this.store = new GemmStore(c, shape.m(), shape.n(), epilogue);
    this.lines = fewRows ? shape.m() : shape.n();
    this.group = LANES == 16 && lines > 5 ? 10 : 5;
    this.panel = lines <= FEWEST ? MemorySegment.NULL : pack(scratch);
  }

  static boolean takes(GemmShape shape, Matrix a, Matrix b) {
    return !a.transposed()
        && b.transposed()
        && a.operand().dtype().isHalf()
        && a.operand().dtype() == b.operand().dtype()
        && Math.min(shape.m(), shape.n()) <= FEW
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
    GemmDots product = new GemmDots(shape, a, b, c, epilogue, workers.callers());
    int perTask = product.fewRows ? WIDTH : Scratch.CHUNK / WIDTH / 8 * 8;
    int count = product.fewRows ? shape.n() : shape.m();
    int tasks = (count + perTask - 1) / perTask;
    Workers.Task task =
        (index, scratch) ->
            product.multiply(index * perTask, Math.min(perTask, count - index * perTask), scratch);
    if (threads > 1) {
      workers.run(tasks, task);
    } else {
      for (int i = 0; i < tasks; i++) {
        task.run(i, workers.callers());
      }
    }
  }

  /**
   * The few lines, group by group, step by step, a vector of each line; zeros for what is missing.
   * The last step has zeros where its lanes overlap with those before.
   */
  private MemorySegment pack(Scratch scratch) {
    int groups = (lines + group - 1) / group;
    MemorySegment to = scratch.panel(steps() * STEP * group * groups);
    float factor = HalfBits.of(many.operand().dtype()).factor();
    float[] line = scratch.large(0, shape.k() + LANES);
    int rest = (steps() - 1) * LANES; // where the last step's own numbers begin
    int overlap = rest - last();
    for (int i = 0; i < groups * group; i++) {
      Arrays.fill(line, 0, shape.k() + LANES, 0);
      if (i < lines) {
        widen(i, line);
        System.arraycopy(line, rest, line, rest + overlap, shape.k() - rest);
        Arrays.fill(line, rest, rest + overlap, 0);
      }
      long at = ((long) i / group * steps() * group + i % group) * STEP;
      for (int step = 0; step < steps(); step++) {
        FloatVector.fromArray(FLOATS, line, step * LANES)
            .mul(factor)
            .intoMemorySegment(to, at + step * STEP * group, ORDER);
      }
    }
    return to;
  }

  private int steps() {
    return (shape.k() + LANES - 1) / LANES;
  }

  /** Where the last step begins. */
  private int last() {
    return shape.k() - LANES;
  }

  private void widen(int line, float[] to) {
    Conversions.widen(few.operand(), (long) line * few.stride(), to, 0, shape.k());
  }

  /** All few lines times {@code count} of the many from {@code first} on. */
  private void multiply(int first, int count, Scratch scratch) {
    int columns = fewRows ? count : lines;
    store.bias(fewRows ? first : 0, columns, scratch);
    if (lines <= FEWEST) {
      oneByOne(first, 0, count, scratch);
    } else {
      int rows = SUMS / group;
      for (int row = 0; row < count; row += rows) {
        together(first, row, Math.min(rows, count - row), scratch);
      }
    }
    int rows = fewRows ? lines : count;
    long to = fewRows ? first : (long) first * c.stride();
    store.store(scratch.x, 0, rows, columns, to, scratch);
  }

  /** The results of some of the many lines, from {@code row} on, in the tile {@code scratch.x}. */
  private void oneByOne(int first, int row, int count, Scratch scratch) {
    Operand operand = many.operand();
    HalfDots dots = HalfDots.of(operand.dtype());
    float[] line = scratch.large(0, shape.k());
    for (int i = 0; i < lines; i++) {
      widen(i, line);
      for (int r = row; r < row + count; r++) {
        long from = 2L * (first + r) * many.stride();
        scratch.x[place(i, r)] = dots.dot(operand.data(), from, line, 0, shape.k());
      }
    }
  }

  /** As {@link #oneByOne}. */
  private void together(int first, int row, int count, Scratch scratch) {
    boolean special = false;
    for (int i = 0; i < lines; i += group) {
      special |= sums(i / group, first + row, count, scratch.edge);
      for (int n = SUMS / 2; n >= SUMS / LANES; n /= 2) {
        fold(scratch.edge, n);
      }
      MemorySegment.copy(scratch.edge, JAVA_FLOAT, 0, scratch.z, 0, SUMS);
      for (int r = 0; r < count; r++) {
        place(scratch.z, r * group, i, Math.min(group, lines - i), row + r, scratch.x);
      }
    }
    if (special) {
      oneByOne(first, row, count, scratch);
    }
  }

  /** The lanes' sums of some of the many lines with a group; whether they are wrong. */
  private boolean sums(int index, int first, int count, MemorySegment sums) {
    HalfBits bits = HalfBits.of(many.operand().dtype());
    DotKernel.Way forth = new DotKernel.Way(0, LANES, steps(), last());
    DotKernel.Way back = new DotKernel.Way((steps() - 1) * LANES, -LANES, steps(), last());
    MemorySegment lines = panel.asSlice((long) index * steps() * STEP * group);
    boolean special = false;
    for (int r = 0; r < count; r += 2) {
      long row0 = 2L * (first + r) * many.stride();
      long row1 = r + 1 < count ? row0 + 2L * many.stride() : row0;
      DotKernel.Way way = r % 4 == 0 ? forth : back;
      MemorySegment x = many.operand().data();
      special |=
          DotKernel.multiply(group, bits, x, row0, row1, lines, way, sums, (long) r * group * STEP);
    }
    return special;
  }

  /** Puts the results of some few lines with one of the many into the tile. */
  private void place(float[] from, int at, int few, int count, int many, float[] tile) {
    if (fewRows) {
      for (int j = 0; j < count; j++) {
        tile[place(few + j, many)] = from[at + j];
      }
    } else {
      System.arraycopy(from, at, tile, place(few, many), count);
    }
  }

  private int place(int few, int many) {
    return fewRows ? few * WIDTH + many : many * WIDTH + few;
  }

  /** Adds pairs of lanes of {@code 2n} vectors, and brings the sums of two vectors into one. */
  private static void fold(MemorySegment x, int n) {
    for (int i = 0; i < n; i++) {
      IntVector a = IntVector.fromMemorySegment(INTS, x, 2L * i * STEP, ORDER);
      IntVector b = IntVector.fromMemorySegment(INTS, x, (2L * i + 1) * STEP, ORDER);
      FloatVector even = EVEN.selectFrom(a, b).reinterpretAsFloats();
      even.add(ODD.selectFrom(a, b).reinterpretAsFloats()).intoMemorySegment(x, i * STEP, ORDER);
    }
  }

  /** The even or odd lanes of two vectors. */
  private static IntVector lanes(int first) {
    int[] lanes = new int[LANES];
    for (int i = 0; i < LANES; i++) {
      lanes[i] = 2 * i + first;
    }
    return IntVector.fromArray(INTS, lanes, 0);
  }
}
