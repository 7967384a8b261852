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

  /** Columns of the source. */
  private final int columns;

  /** Halves of blocks that cover a row of a phase of the taps. */
  private final int halves;

  /** Elements of a row of sums: the phases' pixels by turns. */
  private final int ofRow;

  private final int taskRows;
  private float @Nullable [] panels;

  /** Which rows of the target: {@code row + i·rowStep}. */
  record Part(int batch, int row, int rowStep, int rows) {}

  Correlation(
      Plane source, Plane target, Taps taps, Part part, KernelWeights weights, Epilogue epilogue) {
    this.source = source;
    this.taps = taps;
    this.part = part;
    this.store = new ConvolutionStore(target, epilogue);
    this.weights = weights;
    this.in = source.channels();
    this.wide = weights.resultsWide();
    this.halves = Math.ceilDiv(Math.ceilDiv(target.width(), taps.phases().size()), HALF);
    this.columns = taps.columns(halves * HALF);
    this.ofRow = halves * HALF * taps.phases().size() * wide;
    this.taskRows = taskRows();
  }

  /**
   * Rows of a task: for products enough, for blocks that do not end in each, and for the source.
   */
  private int taskRows() {
    long pixels = (long) halves * HALF;
    long steps = (long) taps.size() * weights.in();
    long products = TASK / Math.max(1, pixels * wide * steps);
    long blocks = Math.ceilDiv((long) BLOCKS * ConvolutionBlocks.ROWS, Math.max(1, pixels));
    long sourceRow = Math.max(1, (long) columns * in);
    long image = Math.max(1, taps.rows(part.rows()) * sourceRow);
    long fitting =
        SOURCE >= image
            ? SOURCE / image * part.rows()
            : (SOURCE / sourceRow - taps.rows(1)) / taps.rowStep();
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
    int[] starts = new int[(to - from) * halves + 1];
    float[] wideSource = widen(from, to, starts, scratch);
    starts[starts.length - 1] = starts[starts.length - 2];
    float[] sums = scratch.large(1, (to - from) * ofRow + HALF * taps.phases().size() * wide);
    for (int group = 0; group < weights.groups(); group++) {
      int panel = group * weights.panelsSize(taps);
      for (int phase = 0; phase < taps.phases().size(); phase++) {
        products(group, phase, wideSource, starts, panel, sums);
        panel += taps.phases().get(phase).size() * weights.in() * weights.wideOut();
      }
    }
    for (int row = from; row < to; row++) {
      int image = row / part.rows();
      int inImage = part.row() + row % part.rows() * part.rowStep();
      store.row(image, inImage, sums, (row - from) * ofRow, wide, scratch);
    }
  }

  /** The source of some rows, widened; {@code starts} of their pixels, every {@link #HALF}-th. */
  private float[] widen(int from, int to, int[] starts, Scratch scratch) {
    int images = (to - 1) / part.rows() - from / part.rows() + 1;
    int most = taps.rows(Math.min(to - from, part.rows())) * columns * in;
    float[] wideSource = scratch.large(0, images * most + taps.size() * in);
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

  /** A group's products of a phase of the taps, whose panels begin at {@code panel}. */
  private void products(int group, int phase, float[] from, int[] starts, int panel, float[] sums) {
    boolean apart = weights.groups() > 1; // so neighbours are no run of elements
    int run = apart ? 1 : taps.run(phase);
    int[] offsets = taps.offsets(phase, run, columns, in);
    int steps = taps.phases().get(phase).size() * weights.in();
    int stride = taps.columnStep() * in;
    int first = group * weights.in();
    int phases = taps.phases().size();
    int to = phase * wide + group * weights.out();
    float[] right = panels();
    for (int n = 0; n < weights.wideOut(); ) {
      int vectors = Math.min(ConvolutionBlocks.VECTORS, (weights.wideOut() - n) / LANES);
      for (int half = 0; half + 1 < starts.length; half += 2) {
        ConvolutionBlocks.rows(
            vectors,
            from,
            starts[half] + first,
            stride,
            starts[half + 1] - starts[half],
            offsets,
            run * weights.in(),
            right,
            panel + n * steps,
            sums,
            half * HALF * phases * wide + to + n,
            phases * wide);
      }
      n += vectors * LANES;
    }
  }
}
