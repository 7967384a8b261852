package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.mezzo.backend.Attention;
import dev.mezzo.backend.Attention.Heads;
import dev.mezzo.backend.AttentionKernels.Saved;
import dev.mezzo.backend.AttentionShape;
import dev.mezzo.backend.vector.TileProduct.Panels;
import java.util.Arrays;

/**
 * The gradients of a key head of a batch entry, and of the query heads that share it: block by
 * block of keys, and for each block tile by tile of queries. The probabilities are computed again
 * from the saved logarithms of their sums. Five products a tile, all in FP32; dk and dv are summed
 * for a block, dq for all blocks.
 */
final class AttentionGradient {

  private static final int LINES = TileProduct.LINES;

  /** Queries of a tile: the depth of the products that give dk and dv. */
  private static final int QUERIES = 128;

  /**
   * Keys of a block; with as many queries, tiles and what is packed stay in a second-level cache.
   */
  private static final int KEYS = 128;

  private final Attention attention;
  private final AttentionShape shape;
  private final Saved saved;
  private final int batch;
  private final int keyHead;
  private final int dim;
  private final int width;
  private final Scratch scratch;

  /** Queries of a head, in whole panels. */
  private final int room;

  /** {@code Σ dy·y} of each query, of all heads of the group. */
  private final float[] own;

  private final float[] dQueries;
  private final Panels dKeys;
  private final Panels dValues;
  private final Panels probabilities;
  private final Panels slopes;
  private final Panels turned;

  AttentionGradient(Attention attention, Saved saved, int batch, int keyHead, Scratch scratch) {
    this.attention = attention;
    this.shape = attention.shape();
    this.saved = saved;
    this.batch = batch;
    this.keyHead = keyHead;
    this.dim = shape.headDim();
    this.width = TileProduct.padded(dim);
    this.scratch = scratch;
    this.room = TileProduct.padded(shape.queries());
    this.own = scratch.large(0, shape.group() * shape.queries());
    this.dQueries = scratch.large(1, shape.group() * room * width);
    this.dKeys = new Panels(scratch.large(2, KEYS * width), 0, KEYS * LINES);
    this.dValues = new Panels(scratch.large(3, KEYS * width), 0, KEYS * LINES);
    this.probabilities = new Panels(scratch.large(4, KEYS * QUERIES), 0, QUERIES * LINES);
    this.slopes = new Panels(scratch.large(5, KEYS * QUERIES), 0, QUERIES * LINES);
    this.turned = new Panels(scratch.large(6, KEYS * QUERIES), 0, KEYS * LINES);
  }

  void run(Heads dq, Heads dk, Heads dv) {
    ownSums();
    Arrays.fill(dQueries, 0, shape.group() * room * width, 0f);
    for (int key = 0; key < shape.keys(); key += KEYS) {
      int size = Math.min(KEYS, shape.keys() - key);
      long row = (long) batch * shape.keys() + key;
      block(key, size);
      for (int i = 0; i < size; i++) {
        AttentionTiles.store(dKeys, i, 1, dk, keyHead, dim, row + i, scratch);
        AttentionTiles.store(dValues, i, 1, dv, keyHead, dim, row + i, scratch);
      }
    }
    for (int member = 0; member < shape.group(); member++) {
      Panels sums = ofMember(member);
      for (int i = 0; i < shape.queries(); i++) {
        AttentionTiles.store(sums, i, shape.scale(), dq, head(member), dim, queryRow(i), scratch);
      }
    }
  }

  private int head(int member) {
    return keyHead * shape.group() + member;
  }

  private long queryRow(int query) {
    return (long) batch * shape.queries() + query;
  }

  private Panels ofMember(int member) {
    return new Panels(dQueries, member * room * width, room * LINES);
  }

  private void ownSums() {
    float[] y = scratch.large(7, dim);
    float[] gradient = scratch.large(8, dim);
    for (int member = 0; member < shape.group(); member++) {
      for (int query = 0; query < shape.queries(); query++) {
        long row = queryRow(query);
        Heads results = saved.y();
        Conversions.widen(results.operand(), results.index(row, head(member), dim), y, 0, dim);
        Heads dy = saved.dy();
        Conversions.widen(dy.operand(), dy.index(row, head(member), dim), gradient, 0, dim);
        own[member * shape.queries() + query] = (float) RowMath.dot(y, 0, gradient, 0, dim);
      }
    }
  }

  private void block(int key, int size) {
    long row = (long) batch * shape.keys() + key;
    Heads k = attention.k();
    Heads v = attention.v();
    float[] room = scratch.large(8, KEYS * width);
    Block block =
        new Block(
            key,
            AttentionTiles.lines(k, keyHead, dim, row, size, scratch.large(7, KEYS * dim), scratch),
            AttentionTiles.steps(k, keyHead, dim, row, size, room, KEYS, scratch),
            AttentionTiles.lines(
                v, keyHead, dim, row, size, scratch.large(9, KEYS * dim), scratch));
    for (int d = 0; d < width; d += LINES) {
      int end = TileProduct.padded(size) * LINES;
      Arrays.fill(dKeys.values(), dKeys.line(d), dKeys.line(d) + end, 0f);
      Arrays.fill(dValues.values(), dValues.line(d), dValues.line(d) + end, 0f);
    }
    for (int member = 0; member < shape.group(); member++) {
      for (int query = 0; query < shape.queries(); query += QUERIES) {
        int rows = Math.min(QUERIES, shape.queries() - query);
        int seen = Math.min(size, shape.visible(query + rows - 1) - key);
        if (seen > 0) {
          tile(block, member, query, rows, seen);
        }
      }
    }
  }

  /** A block of keys, packed as products read it. */
  private record Block(int key, Panels keys, Panels keySteps, Panels values) {}

  private void tile(Block block, int member, int query, int rows, int seen) {
    int head = head(member);
    long row = queryRow(query);
    Heads q = attention.q();
    Heads dy = saved.dy();
    float[] first = scratch.large(10, QUERIES * dim);
    float[] second = scratch.large(11, QUERIES * width);
    Panels queries = AttentionTiles.lines(q, head, dim, row, rows, first, scratch);
    Panels querySteps = AttentionTiles.steps(q, head, dim, row, rows, second, QUERIES, scratch);
    AttentionTiles.scale(first, 0, TileProduct.padded(rows) * dim, shape.scale());
    for (int d = 0; d < width; d += LINES) {
      AttentionTiles.scale(second, querySteps.line(d), rows * LINES, shape.scale());
    }
    Panels gradients =
        AttentionTiles.lines(dy, head, dim, row, rows, scratch.large(12, QUERIES * dim), scratch);
    float[] third = scratch.large(13, QUERIES * width);
    Panels gradientSteps = AttentionTiles.steps(dy, head, dim, row, rows, third, QUERIES, scratch);

    for (int line = 0; line < rows; line += LINES) {
      int some = Math.min(LINES, rows - line);
      int sees = seen(block, query + line + some - 1, seen);
      TileProduct.multiply(
          some, sees, dim, queries.lines(line), block.keys, probabilities.from(line), false);
      TileProduct.multiply(
          some, sees, dim, gradients.lines(line), block.values, slopes.from(line), false);
    }
    AttentionTiles.mask(
        attention, batch, head, query, rows, block.key, seen, probabilities, false, scratch);
    AttentionTiles.hideFromSteps(shape, query, rows, block.key, seen, probabilities);
    slopes(member, query, rows, TileProduct.padded(seen));

    for (int line = 0; line < seen; line += LINES) {
      int some = Math.min(LINES, seen - line);
      int seeing = firstToSee(block.key + line, query, rows);
      int count = rows - seeing;
      TileProduct.multiply(
          some,
          dim,
          count,
          probabilities.lines(line).from(seeing),
          gradientSteps.from(seeing),
          dValues.from(line));
      TileProduct.multiply(
          some,
          dim,
          count,
          slopes.lines(line).from(seeing),
          querySteps.from(seeing),
          dKeys.from(line));
    }
    AttentionTiles.transpose(slopes, TileProduct.padded(seen), TileProduct.padded(rows), turned);
    Panels sums = ofMember(member).from(query);
    for (int line = 0; line < rows; line += LINES) {
      int some = Math.min(LINES, rows - line);
      int sees = seen(block, query + line + some - 1, seen);
      TileProduct.multiply(some, dim, sees, turned.lines(line), block.keySteps, sums.from(line));
    }
  }

  /** How many of a block's first {@code size} keys a query sees. */
  private int seen(Block block, int query, int size) {
    return Math.clamp((long) shape.visible(query) - block.key, 0, size);
  }

  /** The first of a tile's queries that sees a key, or {@code rows}. */
  private int firstToSee(int key, int query, int rows) {
    return shape.causal()
        ? Math.clamp((long) key + shape.queries() - shape.keys() - query, 0, rows)
        : 0;
  }

  /** Scores become probabilities, and products of dy and v the gradients of the scores. */
  private void slopes(int member, int query, int rows, int seen) {
    long sums = ((long) batch * shape.heads() + head(member)) * shape.queries() + query;
    for (int r = 0; r < rows; r++) {
      float logSum = saved.logSums().data().getAtIndex(JAVA_FLOAT, sums + r);
      AttentionTiles.probabilities(probabilities, r, seen, logSum);
      AttentionTiles.slopes(
          slopes, probabilities, r, seen, own[member * shape.queries() + query + r]);
    }
  }
}
