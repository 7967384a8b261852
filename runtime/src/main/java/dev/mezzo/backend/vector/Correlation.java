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

  private static final int ROWS = ConvolutionBlocks.ROWS;
  private static final int LANES = Lanes.COUNT;

  /** Elements of widened source that a task holds. */
  private static final int SOURCE = 1 << 16;

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
    this.in = source.count();
    this.wide = ConvolutionBlocks.padded(target.count());
    this.columns = taps.columns((part.columns() + ROWS - 1) / ROWS * ROWS);
    this.offsets = taps.offsets(columns, in);
    this.length = taps.run() * in;
    long rowProducts = (long) part.columns() * wide * taps.all().size() * in;
    long bySource = SOURCE / Math.max(1, (long) columns * in) - taps.rows(1);
    long rows = Math.min(TASK / Math.max(1, rowProducts), bySource / taps.rowStep());
    this.taskRows = Math.clamp(rows, 1, Math.max(1, part.rows()));
  }

  void run(Workers workers) {
    int perImage = (part.rows() + taskRows - 1) / taskRows;
    workers.run(
        part.batch() * perImage,
        (task, scratch) -> {
          int first = task % perImage * taskRows;
          rows(task / perImage, first, Math.min(taskRows, part.rows() - first), scratch);
        });
  }

  /** Rows [first, first + count) of the part, of one image. */
  void rows(int image, int first, int count, Scratch scratch) {
    int sourceRows = taps.rows(count);
    int overhang = taps.all().size() * in;
    float[] wideSource = scratch.large(0, sourceRows * columns * in + overhang);
    source.widen(
        image,
        first * taps.rowStep() + taps.firstRow(),
        taps.firstColumn(),
        sourceRows,
        columns,
        in,
        wideSource,
        0);
    int blocks = (part.columns() + ROWS - 1) / ROWS;
    float[] sums = scratch.large(1, blocks * ROWS * wide);
    float[] right = panels();
    for (int i = 0; i < count; i++) {
      int at = i * taps.rowStep() * columns * in;
      products(wideSource, at, blocks, right, sums);
      store.row(
          image,
          part.row() + (first + i) * part.rowStep(),
          part.column(),
          part.columnStep(),
          part.columns(),
          sums,
          0,
          wide,
          scratch);
    }
  }

  /** Made when first needed: where this only stands by, never. */
  private synchronized float[] panels() {
    float[] made = panels;
    if (made == null) {
      made = weights.panels(taps);
      panels = made;
    }
    return made;
  }

  private void products(float[] from, int at, int blocks, float[] right, float[] sums) {
    int steps = taps.all().size() * in;
    int stride = taps.columnStep() * in;
    for (int n = 0; n < wide; ) {
      int vectors = Math.min(ConvolutionBlocks.VECTORS, (wide - n) / LANES);
      for (int b = 0; b < blocks; b++) {
        ConvolutionBlocks.rows(
            vectors,
            from,
            at + b * ROWS * stride,
            stride,
            offsets,
            length,
            right,
            n * steps,
            sums,
            b * ROWS * wide + n,
            wide);
      }
      n += vectors * LANES;
    }
  }
}
