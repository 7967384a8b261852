package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.mezzo.backend.Attention;
import dev.mezzo.backend.Attention.Heads;
import dev.mezzo.backend.AttentionKernels;
import dev.mezzo.backend.AttentionShape;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.vector.TileProduct.Panels;
import java.util.Arrays;

/**
 * Attention. A task is a head of a batch entry and some tiles of its queries. Keys and values come
 * in blocks, which are packed once for all those tiles; a tile's scores of a block are what is ever
 * in memory of the matrix. Scores lie key by key, 16 queries side by side, so that maxima and sums
 * are those of lanes.
 *
 * <p>Precision: queries, scaled, times keys in FP32; exponentials of the differences from the
 * running maximum, which rescale what was summed before when it grows; one division at the end.
 *
 * @see <a href="https://arxiv.org/abs/2307.08691">Dao, FlashAttention-2</a>
 */
final class Attentions implements AttentionKernels {

  private static final int QUERIES = AttentionTiles.QUERIES;
  private static final int KEYS = AttentionTiles.KEYS;

  /** Queries of a task. */
  private static final int TASK = 256;

  private final Workers workers;

  Attentions(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void forward(Attention attention, Heads y, Operand logSums) {
    AttentionShape shape = attention.shape();
    if (shape.queries() <= FewQueries.MOST) {
      FewQueries.forward(attention, y, logSums, workers);
      return;
    }
    int parts = (shape.queries() + TASK - 1) / TASK;
    workers.run(
        shape.batch() * shape.heads() * parts,
        (task, scratch) -> {
          int head = task / parts % shape.heads();
          int batch = task / parts / shape.heads();
          // the later queries of causal attention see more: they come first
          int first = (parts - 1 - task % parts) * TASK;
          int count = Math.min(TASK, shape.queries() - first);
          new Forward(attention, batch, head, first, count, scratch).run(y, logSums);
        });
  }

  @Override
  public void gradient(Attention attention, Saved saved, Heads dq, Heads dk, Heads dv) {
    AttentionShape shape = attention.shape();
    workers.run(
        shape.batch() * shape.keyHeads(),
        (task, scratch) ->
            new AttentionGradient(
                    attention, saved, task / shape.keyHeads(), task % shape.keyHeads(), scratch)
                .run(dq, dk, dv));
  }

  /** Some queries of a head. */
  private static final class Forward {
    private final Attention attention;
    private final AttentionShape shape;
    private final int batch;
    private final int head;
    private final int first;
    private final int count;
    private final Scratch scratch;
    private final Panels results;
    private final Panels scores;
    private final float[] maxima;
    private final float[] before;
    private final float[] sums;

    Forward(Attention attention, int batch, int head, int first, int count, Scratch scratch) {
      this.attention = attention;
      this.shape = attention.shape();
      this.batch = batch;
      this.head = head;
      this.first = first;
      this.count = count;
      this.scratch = scratch;
      int width = TileProduct.padded(shape.headDim());
      int room = (count + QUERIES - 1) / QUERIES * QUERIES;
      this.results = new Panels(scratch.large(0, room * width), 0, room * TileProduct.LINES);
      this.scores = new Panels(scratch.large(1, QUERIES * KEYS), 0, KEYS * TileProduct.LINES);
      this.maxima = scratch.large(2, TASK);
      this.before = scratch.large(3, TASK);
      this.sums = scratch.large(4, TASK);
      Arrays.fill(results.values(), 0, room * width, 0f);
      Arrays.fill(maxima, 0, room, Float.NEGATIVE_INFINITY);
      Arrays.fill(sums, 0, room, 0f);
    }

    void run(Heads y, Operand logSums) {
      long row = (long) batch * shape.queries() + first;
      int dim = shape.headDim();
      float[] values = scratch.large(5, TASK * dim);
      Panels queries = AttentionTiles.lines(attention.q(), head, dim, row, count, values, scratch);
      AttentionTiles.scale(values, 0, TileProduct.padded(count) * dim, shape.scale());
      int visible = shape.visible(first + count - 1);
      for (int key = 0; key < visible; key += KEYS) {
        block(queries, key, Math.min(KEYS, visible - key));
      }
      long sum = ((long) batch * shape.heads() + head) * shape.queries() + first;
      for (int i = 0; i < count; i++) {
        boolean nothing = maxima[i] == Float.NEGATIVE_INFINITY;
        float logSum = nothing ? maxima[i] : (float) (Math.log(sums[i]) + maxima[i]);
        logSums.data().setAtIndex(JAVA_FLOAT, sum + i, logSum);
        float factor = nothing ? 1 : 1 / sums[i];
        AttentionTiles.store(results, i, factor, y, head, dim, row + i, scratch);
      }
    }

    private void block(Panels queries, int key, int size) {
      int dim = shape.headDim();
      long row = (long) batch * shape.keys() + key;
      int keyHead = head / shape.group();
      Panels keys =
          AttentionTiles.lines(
              attention.k(), keyHead, dim, row, size, scratch.large(6, KEYS * dim), scratch);
      float[] room = scratch.large(7, KEYS * TileProduct.padded(dim));
      Panels values =
          AttentionTiles.steps(attention.v(), keyHead, dim, row, size, room, KEYS, scratch);
      for (int tile = 0; tile < count; tile += QUERIES) {
        int rows = Math.min(QUERIES, count - tile);
        int seen = Math.min(size, shape.visible(first + tile + rows - 1) - key);
        if (seen > 0) {
          Panels own = new Panels(queries.values(), queries.line(tile), queries.size());
          tile(tile, rows, key, seen, own, keys, values);
        }
      }
    }

    private void tile(
        int tile, int rows, int key, int seen, Panels queries, Panels keys, Panels values) {
      int dim = shape.headDim();
      TileProduct.multiply(seen, rows, dim, keys, queries, scores, false);
      AttentionTiles.mask(
          attention, batch, head, first + tile, rows, key, seen, scores, true, scratch);
      AttentionTiles.hideFromLines(shape, first + tile, rows, key, seen, scores);
      for (int line = 0; line < rows; line += TileProduct.LINES) {
        probabilities(tile + line, scores.line(line), seen);
      }
      TileProduct.multiply(rows, dim, seen, scores, values, results.from(tile));
    }

    /** Scores of 16 queries become exponentials, and what was summed before fits them. */
    private void probabilities(int query, int at, int seen) {
      int lines = TileProduct.LINES;
      System.arraycopy(maxima, query, before, query, lines);
      AttentionTiles.maxima(scores.values(), at, seen, maxima, query);
      if (!Arrays.equals(before, query, query + lines, maxima, query, query + lines)) {
        AttentionTiles.rescale(before, maxima, sums, query);
        for (int line = query; line < query + lines; line++) {
          rescaleResult(line, before[line]);
        }
      }
      AttentionTiles.exponentials(scores.values(), at, seen, maxima, sums, query);
    }

    private void rescaleResult(int query, float factor) {
      for (int d = 0; d < shape.headDim() && factor != 1; d += TileProduct.LINES) {
        int at = results.line(d) + query * TileProduct.LINES;
        AttentionTiles.scale(results.values(), at, TileProduct.LINES, factor);
      }
    }
  }
}
