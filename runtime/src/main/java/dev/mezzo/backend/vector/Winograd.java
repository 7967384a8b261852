package dev.mezzo.backend.vector;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.vector.WinogradTransforms.Map;

/**
 * Convolutions of 3×3 kernels that visit every pixel, with 4 (m = 4) or 2.25 (m = 2) times fewer
 * multiplications: tiles of the source and the kernel are transformed, multiplied place by place (a
 * product of matrices each), and transformed back. Everything between is FP32.
 *
 * <p>A task takes some rows of tiles through all three. Where a result is not finite, its rows are
 * computed again by the definition, so that NaN and ±Inf reach only what reads them.
 *
 * <p>The error's bound is derived in docs/numerics.md; with 16-bit results it is far below the
 * rounding.
 */
final class Winograd {

  private static final int ROWS = ConvolutionBlocks.ROWS;
  private static final int LANES = Lanes.COUNT;
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
  private final float[] kernel;
  private final int taskLines;

  /**
   * A convolution.
   *
   * @param padding zeros around the source
   * @param definition the same convolution
   * @param kernel room for {@link #kernelSize} elements
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
      float[] kernel,
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
    this.kernel = kernel;
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
    int blocks = weights.wideOut() / LANES;
    workers.run(
        weights.groups() * blocks,
        (task, scratch) -> transformKernel(task / blocks, task % blocks * LANES, scratch));
    int tasks = (lines + taskLines - 1) / taskLines;
    workers.run(
        tasks,
        (task, scratch) -> {
          int first = task * taskLines;
          lines(first, Math.min(taskLines, lines - first), scratch);
        });
  }

  /**
   * The kernel of a vector of a group's results, to panels as {@link ConvolutionBlocks#rows} reads
   * them.
   */
  private void transformKernel(int group, int out, Scratch scratch) {
    int in = weights.in();
    int ofGroup = in * weights.wideOut();
    int panel = out / (ConvolutionBlocks.VECTORS * LANES) * ConvolutionBlocks.VECTORS * LANES;
    int width = Math.min(ConvolutionBlocks.VECTORS * LANES, ofGroup / in - panel);
    int place = weights.groups() * ofGroup;
    float[] block = scratch.large(0, 9 * LANES * LANES);
    for (int i = 0; i < in; i += LANES) {
      int count = Math.min(LANES, in - i);
      weights.block(group, out, i, count, block, scratch.w);
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
            kernel,
            group * ofGroup + panel * in + (i + k) * width + out - panel,
            (source.m() + 2) * place,
            place);
      }
    }
  }

  private void lines(int first, int count, Scratch scratch) {
    int across = source.across();
    int tiles = (count * across + ROWS - 1) / ROWS * ROWS;
    float[] from = scratch.large(1, source.places() * tiles * source.wide());
    float[] to = scratch.large(2, source.places() * tiles * target.wide());
    for (int i = 0; i < count; i++) {
      source.transform(Map.SOURCE, first + i, from, tiles, i * across, scratch);
    }
    for (int place = 0; place < source.places(); place++) {
      for (int group = 0; group < weights.groups(); group++) {
        multiply(place, group, tiles, from, to);
      }
    }
    int m = source.m();
    int row = across * m * target.wide();
    float[] rows = scratch.large(3, m * row);
    for (int i = 0; i < count; i++) {
      target.result(tiles, i * across, to, rows, scratch);
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

  private void multiply(int place, int group, int tiles, float[] from, float[] to) {
    int in = weights.in();
    int firstIn = group * in;
    int firstOut = group * weights.out();
    int width = weights.wideOut();
    int panels = (place * weights.groups() + group) * in * width;
    int wideIn = source.wide();
    int wideOut = target.wide();
    for (int n = 0; n < width; ) {
      int vectors = Math.min(ConvolutionBlocks.VECTORS, (width - n) / LANES);
      for (int t = 0; t < tiles; t += ROWS) {
        ConvolutionBlocks.rows(
            vectors,
            from,
            (place * tiles + t) * wideIn + firstIn,
            wideIn,
            ConvolutionBlocks.HALF * wideIn,
            ONE,
            in,
            kernel,
            panels + n * in,
            to,
            (place * tiles + t) * wideOut + firstOut + n,
            wideOut);
      }
      n += vectors * LANES;
    }
  }
}
