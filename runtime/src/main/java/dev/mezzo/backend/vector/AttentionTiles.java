package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.mezzo.backend.Attention;
import dev.mezzo.backend.Attention.Heads;
import dev.mezzo.backend.AttentionShape;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.vector.TileProduct.Panels;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * What forward and gradient of an attention do to tiles of {@link #QUERIES} queries by blocks of
 * {@link #KEYS} keys, in FP32 panels. One loop to a method: see the package on what the compiler
 * inlines.
 */
final class AttentionTiles {

  private static final int LANES = Lanes.COUNT;
  private static final int LINES = TileProduct.LINES;

  /** Queries of a tile of the forward pass. */
  static final int QUERIES = 32;

  /** Keys of a block. */
  static final int KEYS = 256;

  private AttentionTiles() {}

  /** Rows of a head as lines, its dimensions as steps. */
  static Panels lines(
      Heads heads, int head, int headDim, long row, int count, float[] to, Scratch scratch) {
    int panel = headDim * LINES;
    from(heads, head, headDim, row, true).pack(0, count, 0, headDim, to, 0, panel, scratch);
    return new Panels(to, 0, panel);
  }

  /**
   * Rows of a head as steps, its dimensions as lines.
   *
   * @param room steps of a panel
   */
  static Panels steps(
      Heads heads,
      int head,
      int headDim,
      long row,
      int count,
      float[] to,
      int room,
      Scratch scratch) {
    int panel = room * LINES;
    from(heads, head, headDim, row, false).pack(0, headDim, 0, count, to, 0, panel, scratch);
    return new Panels(to, 0, panel);
  }

  private static GemmPacking from(
      Heads heads, int head, int headDim, long row, boolean neighbours) {
    Operand all = heads.operand();
    long from = heads.index(row, head, headDim);
    return new GemmPacking(all.slice(from, all.size() - from), neighbours, heads.stride());
  }

  /**
   * Step {@code step} of panels whose lines are a head's dimensions, times a factor, as its row.
   */
  static void store(
      Panels panels,
      int step,
      float factor,
      Heads heads,
      int head,
      int headDim,
      long row,
      Scratch scratch) {
    float[] values = scratch.large(15, TileProduct.padded(headDim));
    for (int d = 0; d < headDim; d += LINES) {
      int from = panels.line(d) + step * LINES;
      for (int i = 0; i < LINES; i += LANES) {
        fromArray(FLOATS, panels.values(), from + i).mul(factor).intoArray(values, d + i);
      }
    }
    long to = heads.index(row, head, headDim);
    Conversions.narrow(values, 0, heads.operand(), to, headDim, scratch.halves(headDim));
  }

  /** x *= factor, whole vectors. */
  static void scale(float[] x, int at, int count, float factor) {
    for (int i = at; i < at + count; i += LANES) {
      fromArray(FLOATS, x, i).mul(factor).intoArray(x, i);
    }
  }

  /**
   * Adds the mask to scores, of any orientation.
   *
   * @param query the tile's first
   * @param key the block's first
   * @param lines whether the lines are queries; else keys
   */
  static void mask(
      Attention attention,
      int batch,
      int head,
      int query,
      int rows,
      int key,
      int keys,
      Panels scores,
      boolean lines,
      Scratch scratch) {
    if (attention.mask() == null) {
      return;
    }
    float[] row = scratch.large(14, KEYS);
    for (int q = 0; q < rows; q++) {
      long from = attention.mask().index(batch, head, query + q) + key;
      Conversions.widen(attention.mask().values(), from, row, 0, keys);
      for (int j = 0; j < keys; j++) {
        int at = lines ? scores.line(q) + j * LINES : scores.line(j) + q * LINES;
        scores.values()[at] += row[j];
      }
    }
  }

  /** −Inf in place of scores that queries, the lines, may not see. */
  static void hideFromLines(
      AttentionShape shape, int query, int rows, int key, int keys, Panels scores) {
    for (int q = 0; q < rows; q++) {
      for (int j = visible(shape, query + q, key, keys); j < keys; j++) {
        scores.values()[scores.line(q) + j * LINES] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  /** −Inf in place of scores that queries, the steps, may not see, to the end of the last panel. */
  static void hideFromSteps(
      AttentionShape shape, int query, int rows, int key, int keys, Panels scores) {
    int end = TileProduct.padded(keys);
    for (int q = 0; q < rows; q++) {
      for (int j = visible(shape, query + q, key, keys); j < end; j++) {
        scores.values()[scores.line(j) + q * LINES] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  private static int visible(AttentionShape shape, int query, int key, int keys) {
    return Math.clamp((long) shape.visible(query) - key, 0, keys);
  }

  /** Raises each of a panel's line's maximum to the greatest of its steps; NaN if one is. */
  static void maxima(float[] x, int at, int steps, float[] maxima, int line) {
    for (int i = 0; i < LINES; i += LANES) {
      FloatVector greatest = fromArray(FLOATS, maxima, line + i);
      for (int j = 0; j < steps; j++) {
        greatest = greatest.max(fromArray(FLOATS, x, at + j * LINES + i));
      }
      greatest.intoArray(maxima, line + i);
    }
  }

  /** x = e^(x − the line's maximum); adds them to the line's sum. */
  static void exponentials(float[] x, int at, int steps, float[] maxima, float[] sums, int line) {
    for (int i = 0; i < LINES; i += LANES) {
      FloatVector shift = finite(fromArray(FLOATS, maxima, line + i));
      FloatVector sum = fromArray(FLOATS, sums, line + i);
      for (int j = at + i; j < at + i + steps * LINES; j += LINES) {
        FloatVector e = VectorMath.expOfNegative(fromArray(FLOATS, x, j).sub(shift));
        e.intoArray(x, j);
        sum = sum.add(e);
      }
      sum.intoArray(sums, line + i);
    }
  }

  /** {@code before = e^(before − now)}: what rescales what was summed before; multiplies sums. */
  static void rescale(float[] before, float[] now, float[] sums, int line) {
    for (int i = line; i < line + LINES; i += LANES) {
      FloatVector factor =
          VectorMath.expOfNegative(
              fromArray(FLOATS, before, i).sub(finite(fromArray(FLOATS, now, i))));
      factor.intoArray(before, i);
      fromArray(FLOATS, sums, i).mul(factor).intoArray(sums, i);
    }
  }

  /** A maximum of nothing, −Inf, as 0: its exponentials are 0 then, not NaN. */
  private static FloatVector finite(FloatVector maximum) {
    return maximum.blend(0f, maximum.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
  }

  /** x = e^(x − logSum) of one step of each panel; 0 where nothing is seen. */
  static void probabilities(Panels x, int step, int lines, float logSum) {
    boolean nothing = logSum == Float.NEGATIVE_INFINITY;
    float shift = nothing ? Float.POSITIVE_INFINITY : logSum;
    for (int j = 0; j < lines; j += LANES) {
      int at = x.line(j) + step * LINES;
      VectorMath.expOfNegative(fromArray(FLOATS, x.values(), at).sub(shift))
          .intoArray(x.values(), at);
    }
  }

  /** {@code ds = p·(ds − own)} of one step of each panel, and 0 where p is. */
  static void slopes(Panels ds, Panels p, int step, int lines, float own) {
    for (int j = 0; j < lines; j += LANES) {
      int at = ds.line(j) + step * LINES;
      FloatVector weight = fromArray(FLOATS, p.values(), at);
      FloatVector slope = fromArray(FLOATS, ds.values(), at).sub(own).mul(weight);
      slope.blend(0f, weight.compare(VectorOperators.EQ, 0f)).intoArray(ds.values(), at);
    }
  }

  /** Lines become steps and steps lines, in whole panels. */
  static void transpose(Panels from, int lines, int steps, Panels to) {
    for (int line = 0; line < lines; line += LINES) {
      for (int step = 0; step < steps; step += LINES) {
        turn(
            from.values(),
            from.line(line) + step * LINES,
            to.values(),
            to.line(step) + line * LINES);
      }
    }
  }

  /** A block of 16 by 16 numbers that are neighbours. */
  private static void turn(float[] from, int source, float[] to, int target) {
    for (int line = 0; line < LINES; line++) {
      for (int step = 0; step < LINES; step++) {
        to[target + line * LINES + step] = from[source + step * LINES + line];
      }
    }
  }
}
