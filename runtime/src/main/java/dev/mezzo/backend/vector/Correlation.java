package dev.mezzo.backend.vector;

import dev.mezzo.backend.Epilogue;
import org.jspecify.annotations.Nullable;

/**
 * The general convolution: each pixel of a part of the target is the sum over {@link Taps} of
 * products with a kernel's pixel. The source's rows are widened once, with the zeros around them;
 * patches are read from there where they overlap, so nothing is copied for them.
 *
 * <p>Precision: FP32 fused multiply-adds in the order of the taps and channels; error before the
 * rounding at most k·2⁻²⁴·Σ|x·w| to first order, k the number of products.
 */
final class Correlation {

  private static final int HALF = ConvolutionBlocks.HALF;
  private static final int LANES = Lanes.COUNT;

  /** Elements of widened source that a task holds. */
  private static final int SOURCE = 1 << 16;

  /** Blocks of a task, at least: the kernel's panels are read from far away for each task. */
  private static final int BLOCKS = 4;

  /** Multiply-adds of a task, about. */
  private static final long TASK = 1L << 20;

  private final Plane source;
  private final Taps taps;
  private final Part part;
  private final ConvolutionStore store;
  private final KernelWeights weights;
  private final int in;
  private final int wide;
  private final int columns;
  private final int[] offsets;
  private final int length;
  private final int taskRows;
  private float @Nullable [] panels;

  /** Which pixels of the target: {@code (row + i·rowStep, column + j·columnStep)}. */
  record Part(int batch, int row, int column, int rowStep, int columnStep, int rows, int columns) {}

  Correlation(
      Plane source, Plane target, Taps taps, Part part, KernelWeights weights, Epilogue epilogue) {
    this.source = source;
    this.taps = taps;
    this.part = part;
    this.store = new ConvolutionStore(target, epilogue);
    this.weights = weights;
    this.in = source.channels();
    this.wide = weights.resultsWide();
    this.columns = taps.columns((part.columns() + HALF - 1) / HALF * HALF);
    boolean runs = weights.groups() == 1; // else the channels of a group are apart
    this.offsets = runs ? taps.offsets(columns, in) : taps.eachOffset(columns, in);
    this.length = runs ? taps.run() * in : weights.in();
    this.taskRows = taskRows();
  }

  /**
   * Rows of a task: for products enough, for blocks that do not end in each, and for the source.
   */
  private int taskRows() {
    long steps = (long) taps.all().size() * weights.in();
    long products = TASK / Math.max(1, (long) part.columns() * wide * steps);
    long blocks = Math.ceilDiv(BLOCKS * ConvolutionBlocks.ROWS, Math.max(1, part.columns()));
    long ofRow = Math.max(1, (long) columns * in);
    long image = Math.max(1, taps.rows(part.rows()) * ofRow);
    long fitting =
        SOURCE >= image
            ? SOURCE / image * part.rows()
            : (SOURCE / ofRow - taps.rows(1)) / taps.rowStep();
    long all = Math.max(1, (long) part.batch() * part.rows());
    return (int) Math.clamp(Math.min(Math.max(products, blocks), fitting), 1, all);
  }

  void run(Workers workers) {
    int size = Math.multiplyExact(weights.groups(), weights.panelsSize(taps));
    float[] made = workers.callers().large(6, size);
    weights.panels(taps, made, workers);
    panels = made;
    int rows = part.batch() * part.rows();
    workers.run(
        (rows + taskRows - 1) / taskRows,
        (task, scratch) -> rows(task * taskRows, Math.min((task + 1) * taskRows, rows), scratch));
  }

  /** Rows [first, first + count) of the part, of one image. */
  void rows(int image, int first, int count, Scratch scratch) {
    int from = image * part.rows() + first;
    rows(from, from + count, scratch);
  }

  /** Rows [from, to) of the part, counted through all images. */
  private void rows(int from, int to, Scratch scratch) {
    int halves = (part.columns() + HALF - 1) / HALF;
    int[] starts = new int[(to - from) * halves + 1];
    float[] wideSource = widen(from, to, halves, starts, scratch);
    starts[starts.length - 1] = starts[starts.length - 2];
    float[] sums = scratch.large(1, starts.length * HALF * wide);
    for (int group = 0; group < weights.groups(); group++) {
      products(group, wideSource, starts, panels(), sums);
    }
    for (int row = from; row < to; row++) {
      store.row(
          row / part.rows(),
          part.row() + row % part.rows() * part.rowStep(),
          part.column(),
          part.columnStep(),
          part.columns(),
          sums,
          (row - from) * halves * HALF * wide,
          wide,
          scratch);
    }
  }

  /** The source of some rows, widened; {@code starts} of their pixels, every {@link #HALF}-th. */
  private float[] widen(int from, int to, int halves, int[] starts, Scratch scratch) {
    int images = (to - 1) / part.rows() - from / part.rows() + 1;
    int most = taps.rows(Math.min(to - from, part.rows())) * columns * in;
    float[] wideSource = scratch.large(0, images * most + taps.all().size() * in);
    int at = 0;
    int half = 0;
    for (int row = from; row < to; ) {
      int image = row / part.rows();
      int first = row % part.rows();
      int count = Math.min(to - row, part.rows() - first);
      int sourceRows = taps.rows(count);
      int sourceRow = first * taps.rowStep() + taps.firstRow();
      source.widen(image, sourceRow, taps.firstColumn(), sourceRows, columns, in, wideSource, at);
      for (int i = 0; i < count; i++) {
        for (int h = 0; h < halves; h++) {
          starts[half++] = at + (i * taps.rowStep() * columns + h * HALF * taps.columnStep()) * in;
        }
      }
      at += sourceRows * columns * in;
      row += count;
    }
    return wideSource;
  }

  /** Where this only stands by, made when first needed. */
  private synchronized float[] panels() {
    float[] made = panels;
    if (made == null) {
      made = weights.panels(taps);
      panels = made;
    }
    return made;
  }

  private void products(int group, float[] from, int[] starts, float[] right, float[] sums) {
    int steps = taps.all().size() * weights.in();
    int stride = taps.columnStep() * in;
    int first = group * weights.in();
    int to = group * weights.out();
    int panel = group * weights.panelsSize(taps);
    int width = ConvolutionBlocks.padded(weights.out());
    for (int n = 0; n < width; ) {
      int vectors = Math.min(ConvolutionBlocks.VECTORS, (width - n) / LANES);
      for (int half = 0; half + 1 < starts.length; half += 2) {
        ConvolutionBlocks.rows(
            vectors,
            from,
            starts[half] + first,
            stride,
            starts[half + 1] - starts[half],
            offsets,
            length,
            right,
            panel + n * steps,
            sums,
            half * HALF * wide + to + n,
            wide);
      }
      n += vectors * LANES;
    }
  }
}
