package dev.mezzo.backend.vector;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.vector.WinogradTransforms.Map;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The gradient of the weights of {@link Winograd}'s convolutions: tiles of x and of dy are
 * transformed, and multiplied place by place over all tiles; their sums are transformed back. A
 * portion of the tiles is transformed by all threads; then each multiplies some places and rows,
 * which are added up over the portions in FP32. The result depends on neither the number of threads
 * nor their timing.
 */
final class WinogradWeightGradient {

  private static final int ROWS = ConvolutionBlocks.ROWS;
  private static final int LANES = Lanes.COUNT;
  private static final int[] ONE = {0, 0};

  /** Elements of a portion of tiles, transformed, at least: 1 MiB, a second-level cache. */
  private static final int NEAR = 1 << 18;

  /** At most: 16 MiB. */
  private static final int FAR = 1 << 22;

  /** Elements of the sums that a task clears or looks at; a multiple of a vector's length. */
  private static final int PART = 1 << 16;

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
  private final int size;
  private final float[] sums;
  private final float[] ofX;
  private final float[] ofDy;

  /**
   * A gradient.
   *
   * @param padding zeros around x
   * @param groups of both planes' channels
   * @param shared whose arrays 5 to 7 no task uses
   */
  WinogradWeightGradient(
      int m, int batch, Plane x, int padding, Plane dy, int groups, Scratch shared) {
    this.x = tiles(x, m, padding, dy);
    this.dy = tiles(dy, m, 0, dy);
    this.groups = groups;
    this.in = x.channels() / groups;
    this.out = dy.channels() / groups;
    this.lines = batch * this.x.down();
    int places = this.x.places();
    int line = places * this.x.across() * (this.x.wide() + this.dy.wide());

    this.outs = (out + ROWS - 1) / ROWS * ROWS;
    this.width = ConvolutionBlocks.padded(in);
    this.size = places * groups * outs * width;
    // Enough that reading the sums costs little beside it, and else near.
    this.portion = Math.clamp(Math.clamp(8L * size, NEAR, FAR) / line, 1, Math.max(1, lines));
    this.sums = shared.large(5, size);
    int tiles = portion * this.x.across();
    // A block may read beyond a group's last channel.
    this.ofX = shared.large(6, places * tiles * this.x.wide() + width);
    this.ofDy = shared.large(7, places * tiles * this.dy.wide() + ROWS);
  }

  private static WinogradTiles tiles(Plane plane, int m, int margin, Plane dy) {
    int wide = ConvolutionBlocks.padded(plane.channels());
    return WinogradTiles.of(plane, wide, m, margin, dy.height(), dy.width());
  }

  /** Elements of a group's sums. */
  static long size(int m, int in, int out) {
    return (m + 2L) * (m + 2) * (out + ROWS) * ConvolutionBlocks.padded(in);
  }

  /** Computes the gradient. Returns whether it is finite; else nothing was stored. */
  boolean run(Workers workers, Operand result) {
    int across = x.across();
    parts(workers, (at, count) -> Arrays.fill(sums, at, at + count, 0f));
    for (int first = 0; first < lines; first += portion) {
      int line = first;
      int count = Math.min(portion, lines - first);
      int tiles = count * across;
      workers.run(
          count,
          (i, scratch) -> {
            x.transform(Map.SOURCE, line + i, ofX, tiles, i * across, scratch);
            dy.transform(Map.RESULT_GRADIENT, line + i, ofDy, tiles, i * across, scratch);
          });
      workers.run(x.places() * groups * outs / ROWS, (task, scratch) -> add(task, tiles));
    }
    AtomicBoolean finite = new AtomicBoolean(true);
    parts(
        workers,
        (at, count) -> {
          if (!ConvolutionStore.finite(sums, at, count)) {
            finite.set(false);
          }
        });
    if (!finite.get()) {
      return false;
    }
    workers.run(groups * out, (o, scratch) -> store(o, result, scratch));
    return true;
  }

  /** Work on some of the sums. */
  private interface Part {
    void run(int at, int count);
  }

  private void parts(Workers workers, Part part) {
    workers.run(
        (size + PART - 1) / PART,
        (task, scratch) -> part.run(task * PART, Math.min(PART, size - task * PART)));
  }

  private void add(int task, int tiles) {
    int row = task * ROWS; // of all the sums
    int group = row / outs % groups;
    int place = row / (groups * outs);
    for (int n = 0; n < width; ) {
      int vectors = Math.min(ConvolutionBlocks.VECTORS, (width - n) / LANES);
      ConvolutionBlocks.outer(
          vectors,
          ofDy,
          place * tiles * dy.wide() + group * out + row % outs,
          dy.wide(),
          ofX,
          place * tiles * x.wide() + group * in + n,
          x.wide(),
          ONE,
          tiles,
          sums,
          row * width + n,
          width);
      n += vectors * LANES;
    }
  }

  private void store(int o, Operand result, Scratch scratch) {
    int place = groups * outs * width;
    float[] weights = scratch.large(0, 9 * width);
    Arrays.fill(weights, 0, 9 * width, 0f);
    WinogradTransforms.map(
        Map.KERNEL_GRADIENT,
        x.m(),
        sums,
        (o / out * outs + o % out) * width,
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
