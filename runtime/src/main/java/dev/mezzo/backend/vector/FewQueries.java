package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.mezzo.backend.Attention;
import dev.mezzo.backend.Attention.Heads;
import dev.mezzo.backend.AttentionShape;
import dev.mezzo.backend.Operand;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Attention of so few queries that packing keys for products of tiles would take longer than the
 * products, as where a sequence is continued token by token. Keys and values of some heads, which
 * lie side by side, are widened row by row, and read in the order in which they lie; for each query
 * of each head of queries that reads them there is a line of scores and a result.
 *
 * <p>Precision as of {@link Attentions}.
 */
final class FewQueries {

  /** Most queries of a head. */
  static final int MOST = 4;

  private static final int LANES = Lanes.COUNT;

  /** Most numbers of a row that are widened together, about: of so many heads. */
  private static final int ROW = 2048;

  /** Keys of a block. */
  private static final int KEYS = 16;

  private final Attention attention;
  private final AttentionShape shape;
  private final Scratch scratch;
  private final int batch;
  private final int first;
  private final int dim;
  private final int width;
  private final int lines;
  private final float[] queries;
  private final float[] results;
  private final float[] maxima;
  private final double[] sums;

  /** Of key heads from {@code first} on, {@code count} of them. */
  private FewQueries(Attention attention, int batch, int first, int count, Scratch scratch) {
    this.attention = attention;
    this.shape = attention.shape();
    this.scratch = scratch;
    this.batch = batch;
    this.first = first;
    this.dim = shape.headDim();
    this.width = count * dim;
    this.lines = count * shape.group() * shape.queries();
    this.queries = scratch.large(0, lines * dim);
    this.results = scratch.large(1, lines * dim);
    this.maxima = scratch.large(2, lines);
    this.sums = new double[lines];
  }

  static void forward(Attention attention, Heads y, Operand logSums, Workers workers) {
    AttentionShape shape = attention.shape();
    // how many heads a task has changes nothing in the result
    int share = (shape.keyHeads() + workers.threads() - 1) / workers.threads();
    int heads = Math.clamp(ROW / Math.max(1, shape.headDim()), 1, Math.max(1, share));
    int parts = (shape.keyHeads() + heads - 1) / heads;
    Workers.Task task =
        (index, scratch) -> {
          int first = index % parts * heads;
          int count = Math.min(heads, shape.keyHeads() - first);
          new FewQueries(attention, index / parts, first, count, scratch).run(y, logSums);
        };
    double size = 2.0 * shape.batch() * shape.keyHeads() * shape.keys() * shape.headDim();
    if (workers.pays(size / Chunks.RATE)) {
      workers.run(shape.batch() * parts, task);
      return;
    }
    for (int i = 0; i < shape.batch() * parts; i++) {
      task.run(i, workers.callers());
    }
  }

  private void run(Heads y, Operand logSums) {
    Heads q = attention.q();
    for (int line = 0; line < lines; line++) {
      long from = q.index(queryRow(line), head(line), dim);
      Conversions.widen(q.operand(), from, queries, line * dim, dim);
    }
    Arrays.fill(results, 0, lines * dim, 0f);
    Arrays.fill(maxima, 0, lines, Float.NEGATIVE_INFINITY);
    for (int key = 0; key < shape.keys(); key += KEYS) {
      block(key, Math.min(KEYS, shape.keys() - key));
    }
    for (int line = 0; line < lines; line++) {
      store(line, y, logSums);
    }
  }

  private void block(int key, int size) {
    float[] keys = rows(attention.k(), key, size, scratch.large(3, size * width));
    float[] values = rows(attention.v(), key, size, scratch.large(4, size * width));
    float[] partial = scratch.large(5, size * LANES);
    float[] scores = scratch.large(6, size);
    for (int line = 0; line < lines; line++) {
      int seen = Math.clamp((long) shape.visible(line % shape.queries()) - key, 0, size);
      int at = line / (shape.group() * shape.queries()) * dim;
      dots(queries, line * dim, keys, at, width, dim, seen, partial);
      RowLoops.totals(partial, seen, shape.scale(), scores);
      mask(line, key, seen, scores);
      probabilities(line, seen, scores);
      weigh(scores, values, at, width, dim, seen, results, line * dim);
    }
  }

  private float[] rows(Heads heads, int key, int size, float[] to) {
    long row = (long) batch * shape.keys() + key;
    if (heads.stride() == width) {
      Conversions.widen(heads.operand(), heads.index(row, first, dim), to, 0, size * width);
      return to;
    }
    for (int j = 0; j < size; j++) {
      long from = heads.index(row + j, first, dim);
      Conversions.widen(heads.operand(), from, to, j * width, width);
    }
    return to;
  }

  private void mask(int line, int key, int seen, float[] scores) {
    Attention.AttentionMask mask = attention.mask();
    if (mask != null) {
      float[] row = scratch.large(7, seen);
      long from = mask.index(batch, head(line), line % shape.queries()) + key;
      Conversions.widen(mask.values(), from, row, 0, seen);
      GemmStore.add(scores, 0, row, 0, seen);
    }
  }

  /** Scores become exponentials, and what was summed before fits them. */
  private void probabilities(int line, int seen, float[] scores) {
    float greatest = RowMath.maximum(scores, 0, seen);
    float before = maxima[line];
    if (greatest > before) {
      float factor = (float) Math.exp((double) before - greatest);
      maxima[line] = greatest;
      sums[line] *= factor;
      for (int d = line * dim; d < (line + 1) * dim; d++) {
        results[d] *= factor;
      }
    }
    float shift = maxima[line] == Float.NEGATIVE_INFINITY ? 0 : maxima[line]; // or NaN
    sums[line] += RowMath.exponentials(scores, scores, 0, seen, shift);
  }

  private void store(int line, Heads y, Operand logSums) {
    boolean nothing = sums[line] == 0;
    float logSum =
        nothing ? Float.NEGATIVE_INFINITY : (float) (Math.log(sums[line]) + maxima[line]);
    long to = ((long) batch * shape.heads() + head(line)) * shape.queries();
    logSums.data().setAtIndex(JAVA_FLOAT, to + line % shape.queries(), logSum);
    if (!nothing) {
      float factor = (float) (1 / sums[line]);
      for (int d = line * dim; d < (line + 1) * dim; d++) {
        results[d] *= factor;
      }
    }
    long at = y.index(queryRow(line), head(line), dim);
    Conversions.narrow(results, line * dim, y.operand(), at, dim, scratch.halves(dim));
  }

  /** The head of queries whose line it is. */
  private int head(int line) {
    return first * shape.group() + line / shape.queries();
  }

  private long queryRow(int line) {
    return (long) batch * shape.queries() + line % shape.queries();
  }

  /** Vectors of partial sums of a query's products with rows. */
  private static void dots(
      float[] query,
      int from,
      float[] rows,
      int at,
      int stride,
      int n,
      int count,
      float[] partial) {
    int whole = n - n % LANES;
    VectorMask<Float> rest = FLOATS.indexInRange(whole, n);
    for (int j = 0; j < count; j++) {
      int row = at + j * stride;
      FloatVector sum = fromArray(FLOATS, rows, row + whole, rest);
      sum = sum.mul(fromArray(FLOATS, query, from + whole, rest));
      for (int d = 0; d < whole; d += LANES) {
        sum = fromArray(FLOATS, rows, row + d).fma(fromArray(FLOATS, query, from + d), sum);
      }
      sum.intoArray(partial, j * LANES);
    }
  }

  /** Adds Σ weight·row to a result. */
  private static void weigh(
      float[] weights, float[] rows, int at, int stride, int n, int count, float[] to, int result) {
    int d = 0;
    for (; d <= n - LANES; d += LANES) {
      FloatVector sum = fromArray(FLOATS, to, result + d);
      for (int j = 0, from = at + d; j < count; j++, from += stride) {
        sum = fromArray(FLOATS, rows, from).fma(FloatVector.broadcast(FLOATS, weights[j]), sum);
      }
      sum.intoArray(to, result + d);
    }
    for (; d < n; d++) {
      float sum = to[result + d];
      for (int j = 0, from = at + d; j < count; j++, from += stride) {
        sum += weights[j] * rows[from];
      }
      to[result + d] = sum;
    }
  }
}
