package dev.mezzo.backend.vector;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.vector.WinogradTransforms.Map;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The gradient of the weights of {@link Winograd}'s convolutions: tiles of x and of dy are
 * transformed, and multiplied place by place over all tiles; their sums are transformed back. A
 * portion of the tiles is transformed by all threads; then each multiplies some places and rows,
 * which are added up over the portions in FP32. Where one portion holds all tiles, a task takes its
 * rows through all places and back: sums of many channels are larger than the caches. The result
 * depends on neither the number of threads nor their timing.
 */
final class WinogradWeightGradient {

  private static final int ROWS = ConvolutionBlocks.ROWS;
  private static final int LANES = Lanes.COUNT;
  private static final int[] ONE = {0, 0};
  private static final float[] NONE = {};

  /** Elements of a portion of tiles, transformed, at least: 1 MiB, a second-level cache. */
  private static final int NEAR = 1 << 18;

  /** At most: 16 MiB. */
  private static final int FAR = 1 << 22;

  private final WinogradTiles x;
  private final WinogradTiles dy;
  private final int lines;
  private final int portion;
  private final int groups;
  private final int in;
  private final int out;

  /** Rows and columns of a group's sums at a place. */
  private final int outs;

  private final int width;
  private final Operand result;

  /** Whether a task takes its rows all the way; else there are {@link #sums}. */
  private final boolean whole;

  private final float[] sums;
  private final float[] ofX;
  private final float[] ofDy;

  /**
   * A gradient.
   *
   * @param padding zeros around x
   * @param groups of both planes' channels
   * @param result the weights' gradient
   * @param shared whose arrays 5 to 7 no task uses
   */
  WinogradWeightGradient(
      int m,
      int batch,
      Plane x,
      int padding,
      Plane dy,
      int groups,
      Operand result,
      Scratch shared) {
    this.x = tiles(x, m, padding, dy);
    this.dy = tiles(dy, m, 0, dy);
    this.groups = groups;
    this.result = result;
    this.in = x.channels() / groups;
    this.out = dy.channels() / groups;
    this.lines = batch * this.x.down();
    int places = this.x.places();
    int line = places * this.x.across() * (this.x.wide() + this.dy.wide());

    this.outs = (out + ROWS - 1) / ROWS * ROWS;
    this.width = ConvolutionBlocks.padded(in);
    int size = places * groups * outs * width;
    // Enough that reading the sums costs little beside it, and else near.
    this.portion = Math.clamp(Math.clamp(8L * size, NEAR, FAR) / line, 1, Math.max(1, lines));
    // What is not finite can be written over, but not if it was added to something.
    this.whole = portion >= lines && !result.adds();
    this.sums = whole ? NONE : shared.large(5, size);
    int tiles = portion * this.x.across();
    // A block may read beyond a group's last channel.
    this.ofX = shared.large(6, this.x.size(tiles) + width);
    this.ofDy = shared.large(7, this.dy.size(tiles) + ROWS);
  }

  private static WinogradTiles tiles(Plane plane, int m, int margin, Plane dy) {
    int wide = ConvolutionBlocks.padded(plane.channels());
    return WinogradTiles.of(plane, wide, m, margin, dy.height(), dy.width());
  }

  /** Elements of a group's sums. */
  static long size(int m, int in, int out) {
    return (m + 2L) * (m + 2) * (out + ROWS) * ConvolutionBlocks.padded(in);
  }

  /** Computes the gradient. Returns whether it is finite; else what was stored is no result. */
  boolean run(Workers workers) {
    AtomicBoolean finite = new AtomicBoolean(true);
    int blocks = groups * outs / ROWS;
    if (whole) {
      transform(0, lines, workers);
      workers.run(blocks, (block, scratch) -> whole(block, finite, scratch));
      return finite.get();
    }
    for (int first = 0; first < lines; first += portion) {
      int count = Math.min(portion, lines - first);
      boolean begins = first == 0;
      boolean ends = first + count == lines;
      transform(first, count, workers);
      workers.run(
          x.places() * blocks,
          (task, scratch) -> {
            int at = task * ROWS * width;
            if (begins) {
              Arrays.fill(sums, at, at + ROWS * width, 0f);
            }
            add(task / blocks, task % blocks, count * x.across(), sums, at);
            if (ends && !ConvolutionStore.finite(sums, at, ROWS * width)) {
              finite.set(false);
            }
          });
    }
    if (finite.get()) {
      int place = blocks * ROWS * width;
      workers.run(
          groups * out,
          (o, scratch) -> store(o, sums, (o / out * outs + o % out) * width, place, scratch));
    }
    return finite.get();
  }

  private void transform(int first, int count, Workers workers) {
    int across = x.across();
    int tiles = count * across;
    workers.run(
        count,
        (i, scratch) -> {
          x.transform(Map.SOURCE, first + i, ofX, tiles, i * across, scratch);
          dy.transform(Map.RESULT_GRADIENT, first + i, ofDy, tiles, i * across, scratch);
        });
  }

  /** A block of rows at all places, from all tiles to the result. */
  private void whole(int block, AtomicBoolean finite, Scratch scratch) {
    int place = ROWS * width;
    int size = x.places() * place;
    float[] own = scratch.large(1, size);
    Arrays.fill(own, 0, size, 0f);
    for (int i = 0; i < x.places(); i++) {
      add(i, block, lines * x.across(), own, i * place);
    }
    if (!ConvolutionStore.finite(own, 0, size)) {
      finite.set(false);
      return;
    }
    int first = block * ROWS % outs;
    int group = block * ROWS / outs;
    for (int i = 0; i < Math.min(ROWS, out - first); i++) {
      store(group * out + first + i, own, i * width, place, scratch);
    }
  }

  /** Adds a block of rows at a place to what is at {@code at}. */
  private void add(int place, int block, int tiles, float[] to, int at) {
    int group = block * ROWS / outs;
    int row = block * ROWS % outs;
    for (int n = 0; n < width; ) {
      int vectors = Math.min(ConvolutionBlocks.VECTORS, (width - n) / LANES);
      ConvolutionBlocks.outer(
          vectors,
          ofDy,
          place * dy.place(tiles) + group * out + row,
          dy.wide(),
          ofX,
          place * x.place(tiles) + group * in + n,
          x.wide(),
          ONE,
          tiles,
          to,
          at + n,
          width);
      n += vectors * LANES;
    }
  }

  /** Transforms a row of the sums back, places {@code place} elements apart, and rounds it. */
  private void store(int o, float[] from, int at, int place, Scratch scratch) {
    float[] weights = scratch.large(0, 9 * width);
    Arrays.fill(weights, 0, 9 * width, 0f);
    WinogradTransforms.map(
        Map.KERNEL_GRADIENT,
        x.m(),
        from,
        at,
        (x.m() + 2) * place,
        place,
        width,
        scratch.large(4, 36 * width),
        weights,
        0,
        3 * width,
        width);
    for (int pixel = 0; pixel < 9; pixel++) {
      long to = (o * 9L + pixel) * in;
      for (int i = 0; i < in; i += Scratch.CHUNK) {
        int n = Math.min(Scratch.CHUNK, in - i);
        Conversions.narrow(weights, pixel * width + i, result, to + i, n, scratch.halves);
      }
    }
  }
}
