package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * As {@link GemmDots}, for FP32: the few lines and four of the many at a time are copied where they
 * are read fast; each result is a dot product of two lines.
 *
 * <p>Precision: FP32 fused multiply-adds in as many partial sums as a vector has lanes, added
 * pairwise; one rounding. The result does not depend on the threads.
 */
final class FloatDots {

  /** Most lines of the operand that has few. */
  private static final int FEW = 10;

  /** Fewest steps of k that are worth a reduction of lanes for each result. */
  private static final int LONG = 256;

  private static final int LANES = Lanes.COUNT;
  private static final int WIDTH = GemmBlocks.WIDTH;

  /** Steps of k that are widened together: four lines of them fit half a first-level cache. */
  private static final int STEPS = 1024;

  /** Lines of the many that are multiplied together. */
  private static final int GROUP = 4;

  /** Results, and so partial sums, of four lines by four. */
  private static final int SUMS = GROUP * GROUP;

  private final GemmShape shape;
  private final Matrix few;
  private final Matrix many;
  private final Matrix c;
  private final GemmStore store;
  private final boolean fewRows;
  private final int lines;
  private final float[] wide;
  private final int stride;

  private FloatDots(GemmShape shape, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    this.shape = shape;
    this.fewRows = shape.m() <= shape.n();
    this.few = fewRows ? a : b;
    this.many = fewRows ? b : a;
    this.c = c;
    this.store = new GemmStore(c, shape.m(), shape.n(), epilogue);
    this.lines = fewRows ? shape.m() : shape.n();
    this.stride = (shape.k() + LANES - 1) / LANES * LANES;
    this.wide = new float[lines * stride];
  }

  static boolean takes(GemmShape shape, Matrix a, Matrix b) {
    return !a.transposed()
        && b.transposed()
        && a.operand().dtype() == DType.FP32
        && b.operand().dtype() == DType.FP32
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
    FloatDots product = new FloatDots(shape, a, b, c, epilogue);
    for (int i = 0; i < product.lines; i++) {
      widen(product.few, i, 0, shape.k(), product.wide, i * product.stride);
    }
    int perTask = product.fewRows ? WIDTH : Scratch.CHUNK / WIDTH / GROUP * GROUP;
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

  /** All few lines times {@code count} of the many from {@code first} on. */
  private void multiply(int first, int count, Scratch scratch) {
    int columns = fewRows ? count : lines;
    store.bias(fewRows ? first : 0, columns, scratch);
    together(first, count, scratch);
    int rows = fewRows ? lines : count;
    long to = fewRows ? first : (long) first * c.stride();
    store.store(scratch.x, 0, rows, columns, to, scratch);
  }

  private void together(int first, int count, Scratch scratch) {
    for (int line = 0; line < count; line += GROUP) {
      sums(first + line, Math.min(GROUP, count - line), scratch);
      for (int i = 0; i < lines; i += GROUP) {
        reduce(scratch.y, i * GROUP * LANES, scratch.z);
        place(scratch.z, i, line, scratch.x);
      }
    }
  }

  /** The partial sums of four of the many lines, in {@code scratch.y}. */
  private void sums(int first, int count, Scratch scratch) {
    float[] rows = scratch.sums(GROUP * STEPS);
    Arrays.fill(scratch.y, 0, (lines + GROUP - 1) / GROUP * SUMS * LANES, 0f);
    for (int p = 0; p < shape.k(); p += STEPS) {
      int steps = Math.min(STEPS, shape.k() - p);
      for (int r = 0; r < count; r++) {
        widen(many, first + r, p, steps, rows, r * STEPS);
      }
      int i = 0;
      for (; i + GROUP <= lines; i += GROUP) {
        multiply4(rows, steps, wide, i * stride + p, stride, scratch.y, i * GROUP * LANES);
      }
      for (; i < lines; i++) {
        multiply1(rows, steps, wide, i * stride + p, scratch.y, i * GROUP * LANES);
      }
    }
  }

  private void place(float[] results, int few, int many, float[] tile) {
    for (int i = 0; i < Math.min(GROUP, lines - few); i++) {
      for (int j = 0; j < GROUP; j++) {
        int at = fewRows ? (few + i) * WIDTH + many + j : (many + j) * WIDTH + few + i;
        tile[at] = results[i * GROUP + j];
      }
    }
  }

  /** Part of a line, filled up with zeros. */
  private static void widen(Matrix x, int line, int p, int steps, float[] to, int at) {
    Operand operand = x.operand();
    Conversions.widen(operand, (long) line * x.stride() + p, to, at, steps);
    Arrays.fill(to, at + steps, at + (steps + LANES - 1) / LANES * LANES, 0f);
  }

  private static void multiply4(
      float[] rows, int steps, float[] few, int at, int stride, float[] sums, int to) {
    FloatVector c00 = fromArray(FLOATS, sums, to);
    FloatVector c01 = fromArray(FLOATS, sums, to + LANES);
    FloatVector c02 = fromArray(FLOATS, sums, to + 2 * LANES);
    FloatVector c03 = fromArray(FLOATS, sums, to + 3 * LANES);
    FloatVector c10 = fromArray(FLOATS, sums, to + 4 * LANES);
    FloatVector c11 = fromArray(FLOATS, sums, to + 5 * LANES);
    FloatVector c12 = fromArray(FLOATS, sums, to + 6 * LANES);
    FloatVector c13 = fromArray(FLOATS, sums, to + 7 * LANES);
    FloatVector c20 = fromArray(FLOATS, sums, to + 8 * LANES);
    FloatVector c21 = fromArray(FLOATS, sums, to + 9 * LANES);
    FloatVector c22 = fromArray(FLOATS, sums, to + 10 * LANES);
    FloatVector c23 = fromArray(FLOATS, sums, to + 11 * LANES);
    FloatVector c30 = fromArray(FLOATS, sums, to + 12 * LANES);
    FloatVector c31 = fromArray(FLOATS, sums, to + 13 * LANES);
    FloatVector c32 = fromArray(FLOATS, sums, to + 14 * LANES);
    FloatVector c33 = fromArray(FLOATS, sums, to + 15 * LANES);
    for (int p = 0; p < steps; p += LANES) {
      FloatVector b0 = fromArray(FLOATS, rows, p);
      FloatVector b1 = fromArray(FLOATS, rows, p + STEPS);
      FloatVector b2 = fromArray(FLOATS, rows, p + 2 * STEPS);
      FloatVector b3 = fromArray(FLOATS, rows, p + 3 * STEPS);
      FloatVector x = fromArray(FLOATS, few, at + p);
      c00 = x.fma(b0, c00);
      c01 = x.fma(b1, c01);
      c02 = x.fma(b2, c02);
      c03 = x.fma(b3, c03);
      x = fromArray(FLOATS, few, at + stride + p);
      c10 = x.fma(b0, c10);
      c11 = x.fma(b1, c11);
      c12 = x.fma(b2, c12);
      c13 = x.fma(b3, c13);
      x = fromArray(FLOATS, few, at + 2 * stride + p);
      c20 = x.fma(b0, c20);
      c21 = x.fma(b1, c21);
      c22 = x.fma(b2, c22);
      c23 = x.fma(b3, c23);
      x = fromArray(FLOATS, few, at + 3 * stride + p);
      c30 = x.fma(b0, c30);
      c31 = x.fma(b1, c31);
      c32 = x.fma(b2, c32);
      c33 = x.fma(b3, c33);
    }
    c00.intoArray(sums, to);
    c01.intoArray(sums, to + LANES);
    c02.intoArray(sums, to + 2 * LANES);
    c03.intoArray(sums, to + 3 * LANES);
    c10.intoArray(sums, to + 4 * LANES);
    c11.intoArray(sums, to + 5 * LANES);
    c12.intoArray(sums, to + 6 * LANES);
    c13.intoArray(sums, to + 7 * LANES);
    c20.intoArray(sums, to + 8 * LANES);
    c21.intoArray(sums, to + 9 * LANES);
    c22.intoArray(sums, to + 10 * LANES);
    c23.intoArray(sums, to + 11 * LANES);
    c30.intoArray(sums, to + 12 * LANES);
    c31.intoArray(sums, to + 13 * LANES);
    c32.intoArray(sums, to + 14 * LANES);
    c33.intoArray(sums, to + 15 * LANES);
  }

  private static void multiply1(
      float[] rows, int steps, float[] few, int at, float[] sums, int to) {
    FloatVector c0 = fromArray(FLOATS, sums, to);
    FloatVector c1 = fromArray(FLOATS, sums, to + LANES);
    FloatVector c2 = fromArray(FLOATS, sums, to + 2 * LANES);
    FloatVector c3 = fromArray(FLOATS, sums, to + 3 * LANES);
    for (int p = 0; p < steps; p += LANES) {
      FloatVector x = fromArray(FLOATS, few, at + p);
      c0 = x.fma(fromArray(FLOATS, rows, p), c0);
      c1 = x.fma(fromArray(FLOATS, rows, p + STEPS), c1);
      c2 = x.fma(fromArray(FLOATS, rows, p + 2 * STEPS), c2);
      c3 = x.fma(fromArray(FLOATS, rows, p + 3 * STEPS), c3);
    }
    c0.intoArray(sums, to);
    c1.intoArray(sums, to + LANES);
    c2.intoArray(sums, to + 2 * LANES);
    c3.intoArray(sums, to + 3 * LANES);
  }

  /** The sums of the lanes of {@link #SUMS} vectors, which are overwritten. */
  private static void reduce(float[] sums, int at, float[] to) {
    if (LANES == SUMS) {
      fold(sums, at, 8, Transposition.low(0), Transposition.high(0));
      fold(sums, at, 4, Transposition.low(1), Transposition.high(1));
      fold(sums, at, 2, Transposition.low(2), Transposition.high(2));
      fold(sums, at, 1, Transposition.low(3), Transposition.high(3));
      System.arraycopy(sums, at, to, 0, SUMS);
      return;
    }
    for (int i = 0; i < SUMS; i++) {
      int from = at + i * LANES;
      for (int width = LANES / 2; width > 0; width /= 2) {
        for (int lane = 0; lane < width; lane++) {
          sums[from + lane] += sums[from + lane + width];
        }
      }
      to[i] = sums[from];
    }
  }

  /** Adds pairs of lanes, and brings the sums of two vectors into one. */
  private static void fold(float[] x, int at, int pairs, IntVector low, IntVector high) {
    for (int i = 0; i < pairs; i++) {
      IntVector a = fromArray(FLOATS, x, at + 2 * i * LANES).reinterpretAsInts();
      IntVector b = fromArray(FLOATS, x, at + (2 * i + 1) * LANES).reinterpretAsInts();
      FloatVector first = low.selectFrom(a, b).reinterpretAsFloats();
      first.add(high.selectFrom(a, b).reinterpretAsFloats()).intoArray(x, at + i * LANES);
    }
  }
}
