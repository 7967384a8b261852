package dev.mezzo.backend.vector;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.vector.WinogradTransforms.Map;

/**
 * Convolutions of 3×3 kernels that visit every pixel, with 4 (m = 4) or 2.25 (m = 2) times fewer
 * multiplications: tiles of the source and the kernel are transformed, multiplied place by place (a
 * product of matrices each), and transformed back. Everything between is FP32.
 *
 * <p>A task takes some rows of tiles through all three, beside the transformed kernel, which all of
 * them read. Where that is larger than all tiles, a task takes a panel of results instead: it
 * transforms the panel's kernel, which stays near, and multiplies all tiles with it. Where a result
 * is not finite, its rows are computed again by the definition, so that NaN and ±Inf reach only
 * what reads them.
 *
 * <p>The error's bound is derived in docs/numerics.md; with 16-bit results it is far below the
 * rounding.
 */
final class Winograd {

  private static final int ROWS = ConvolutionBlocks.ROWS;
  private static final int LANES = Lanes.COUNT;
  private static final int PANEL = ConvolutionBlocks.VECTORS * LANES;
  private static final int[] ONE = {0};

  /** Elements of transformed tiles of a task, about: some of a second-level cache. */
  private static final int TASK = 1 << 18;

  private final WinogradTiles source;
  private final WinogradTiles target;
  private final int lines;
  private final int height;
  private final int width;
  private final ConvolutionStore store;
  private final Correlation definition;
  private final KernelWeights weights;
  private final Scratch shared;
  private final int taskLines;

  /** Some results of a group, of which {@link ConvolutionBlocks#rows} computes those of a tile. */
  private record Panel(int group, int first, int width) {}

  /**
   * A convolution.
   *
   * @param padding zeros around the source
   * @param definition the same convolution
   * @param shared whose arrays 6 and 7 no task uses
   */
  Winograd(
      int m,
      int batch,
      Plane from,
      int padding,
      Plane to,
      KernelWeights weights,
      Epilogue epilogue,
      Correlation definition,
      Scratch shared,
      int threads) {
    this.height = to.height();
    this.width = to.width();
    this.source =
        WinogradTiles.of(
            from, ConvolutionBlocks.padded(from.channels()), m, padding, height, width);
    this.target = WinogradTiles.of(to, weights.resultsWide(), m, 0, height, width);
    this.lines = batch * source.down();
    this.store = new ConvolutionStore(to, epilogue);
    this.definition = definition;
    this.weights = weights;
    this.shared = shared;
    int ofTile = source.places() * (source.wide() + target.wide());
    // At least so many tiles that reading the kernel costs less than multiplying with it.
    int tiles = Math.max(TASK / ofTile, 32);
    int most = (lines + threads - 1) / Math.max(1, threads);
    this.taskLines = Math.clamp(tiles / source.across(), 1, Math.max(1, most));
  }

  /** Elements of a group's transformed kernel. */
  static long kernelSize(int m, int in, int out) {
    return (long) (m + 2) * (m + 2) * in * ConvolutionBlocks.padded(out);
  }

  void run(Workers workers) {
    long tiles = (long) lines * source.across() * (source.wide() + target.wide());
    if (weights.groups() == 1 && (long) weights.in() * target.wide() > tiles) {
      byPanels(workers);
    } else {
      byLines(workers);
    }
  }

  private void byLines(Workers workers) {
    int blocks = weights.wideOut() / LANES;
    int place = weights.groups() * weights.in() * weights.wideOut() + LANES;
    float[] kernel = shared.large(6, source.places() * place);
    workers.run(
        weights.groups() * blocks,
        (task, scratch) -> {
          int out = task % blocks * LANES;
          Panel panel = panel(task / blocks, out / PANEL);
          transformKernel(panel, out - panel.first(), kernel, at(panel), place, scratch);
        });
    int tasks = (lines + taskLines - 1) / taskLines;
    workers.run(
        tasks,
        (task, scratch) -> {
          int first = task * taskLines;
          lines(first, Math.min(taskLines, lines - first), kernel, place, scratch);
        });
  }

  private void byPanels(Workers workers) {
    int across = source.across();
    int tiles = (lines * across + ROWS - 1) / ROWS * ROWS;
    float[] from = shared.large(6, source.size(tiles));
    float[] to = shared.large(7, target.size(tiles));
    workers.run(
        lines,
        (line, scratch) -> source.transform(Map.SOURCE, line, from, tiles, line * across, scratch));
    workers.run(
        panels(),
        (task, scratch) -> {
          Panel panel = panel(0, task);
          int place = weights.in() * panel.width() + LANES;
          float[] kernel = scratch.large(1, source.places() * place);
          for (int column = 0; column < panel.width(); column += LANES) {
            transformKernel(panel, column, kernel, 0, place, scratch);
          }
          for (int i = 0; i < source.places(); i++) {
            multiply(i, panel, tiles, from, kernel, i * place, to);
          }
        });
    workers.run(lines, (line, scratch) -> finish(line, 1, line * across, tiles, to, scratch));
  }

  private int panels() {
    return (weights.wideOut() + PANEL - 1) / PANEL;
  }

  private Panel panel(int group, int index) {
    return new Panel(group, index * PANEL, Math.min(PANEL, weights.wideOut() - index * PANEL));
  }

  /** Where a panel's kernel begins among those of all panels. */
  private int at(Panel panel) {
    return (panel.group() * weights.wideOut() + panel.first()) * weights.in();
  }

  /**
   * The kernel of a vector of a panel's results, in the order in which {@link
   * ConvolutionBlocks#rows} reads it, {@code place} elements from one place to the next.
   */
  private void transformKernel(
      Panel panel, int column, float[] to, int at, int place, Scratch scratch) {
    int in = weights.in();
    float[] block = scratch.large(0, 9 * LANES * LANES);
    for (int i = 0; i < in; i += LANES) {
      int count = Math.min(LANES, in - i);
      weights.block(panel.group(), panel.first() + column, i, count, block, scratch.w);
      for (int k = 0; k < count; k++) {
        WinogradTransforms.map(
            Map.KERNEL,
            source.m(),
            block,
            k * LANES,
            3 * LANES * LANES,
            LANES * LANES,
            LANES,
            scratch.y,
            to,
            at + (i + k) * panel.width() + column,
            (source.m() + 2) * place,
            place);
      }
    }
  }

  private void lines(int first, int count, float[] kernel, int place, Scratch scratch) {
    int across = source.across();
    int tiles = (count * across + ROWS - 1) / ROWS * ROWS;
    float[] from = scratch.large(1, source.size(tiles));
    float[] to = scratch.large(2, target.size(tiles));
    for (int i = 0; i < count; i++) {
      source.transform(Map.SOURCE, first + i, from, tiles, i * across, scratch);
    }
    for (int i = 0; i < source.places(); i++) {
      for (int group = 0; group < weights.groups(); group++) {
        for (int index = 0; index < panels(); index++) {
          Panel panel = panel(group, index);
          multiply(i, panel, tiles, from, kernel, i * place + at(panel), to);
        }
      }
    }
    finish(first, count, 0, tiles, to, scratch);
  }

  /** Transforms rows of tiles back, and stores them; the first begins at {@code tile}. */
  private void finish(int first, int count, int tile, int tiles, float[] from, Scratch scratch) {
    int across = source.across();
    int row = across * source.m() * target.wide();
    float[] rows = scratch.large(3, source.m() * row);
    for (int i = 0; i < count; i++) {
      target.result(tiles, tile + i * across, from, rows, scratch);
      store(first + i, rows, row, scratch);
    }
  }

  private void store(int line, float[] rows, int row, Scratch scratch) {
    int m = source.m();
    int image = line / target.down();
    int top = line % target.down() * m;
    int count = Math.min(m, height - top);
    if (!ConvolutionStore.finite(rows, 0, (count - 1) * row + width * target.wide())) {
      definition.rows(image, top, count, scratch);
      return;
    }
    for (int i = 0; i < count; i++) {
      store.row(image, top + i, rows, i * row, target.wide(), scratch);
    }
  }

  private void multiply(
      int place, Panel panel, int tiles, float[] from, float[] kernel, int at, float[] to) {
    int ofFrom = place * source.place(tiles) + panel.group() * weights.in();
    int ofTo = place * target.place(tiles) + panel.group() * weights.out() + panel.first();
    for (int t = 0; t < tiles; t += ROWS) {
      ConvolutionBlocks.rows(
          panel.width() / LANES,
          from,
          ofFrom + t * source.wide(),
          source.wide(),
          ConvolutionBlocks.HALF * source.wide(),
          ONE,
          weights.in(),
          kernel,
          at,
          to,
          ofTo + t * target.wide(),
          target.wide());
    }
  }
}
