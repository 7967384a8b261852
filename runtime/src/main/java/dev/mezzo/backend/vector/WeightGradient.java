package dev.mezzo.backend.vector;

import dev.mezzo.backend.ConvolutionShape;
import dev.mezzo.backend.Operand;
import java.util.Arrays;

/**
 * The gradient of a convolution's weights: for each pixel of the kernel the product of dy, turned,
 * with the pixels of x that it met. A portion of the images is widened, x with the zeros around it,
 * by all threads; then each multiplies some rows of the result, which are added up over the
 * portions in FP32. The result depends on neither the number of threads nor their timing.
 */
final class WeightGradient {

  private static final int ROWS = ConvolutionBlocks.ROWS;
  private static final int LANES = Lanes.COUNT;

  /** Elements of a portion, widened: 1 MiB, which a second-level cache keeps for all tasks. */
  private static final int PORTION = 1 << 18;

  private final ConvolutionShape shape;
  private final Plane x;
  private final Plane dy;
  private final Taps taps;
  private final int in;
  private final int out;
  private final int run;
  private final int[] offsets;
  private final int columns;
  private final int rows;
  private final int stride;

  /** Whether rows of the sums are x's, and columns dy's: less waste where x has few channels. */
  private final boolean turned;

  /** The sums: for each run of taps some rows of {@code width} elements. */
  private final int width;

  private final int lines;
  private final float[] sums;
  private final float[] wideX;
  private final float[] wideDy;
  private final int images;

  /**
   * A gradient.
   *
   * @param shared whose arrays 5 to 7 no task uses
   */
  WeightGradient(ConvolutionShape shape, Plane x, Plane dy, Taps taps, Scratch shared) {
    this.shape = shape;
    this.x = x;
    this.dy = dy;
    this.taps = taps;
    this.in = x.count();
    this.out = dy.count();
    this.run = taps.run() * in;
    this.columns = taps.columns(shape.outWidth());
    this.rows = taps.rows(shape.outHeight());
    this.offsets = taps.offsets(columns, in);
    this.stride = taps.columnStep() * in;
    this.turned = blocks(run, out) < blocks(out, run);
    this.width = ConvolutionBlocks.padded(turned ? out : run);
    this.lines = roundUp(turned ? run : out, ROWS);
    int size = runs() * lines * width;
    this.sums = shared.large(5, size);
    Arrays.fill(sums, 0, size, 0f);
    long ofImage = (long) rows * columns * in + (long) shape.outHeight() * shape.outWidth() * out;
    this.images = Math.clamp(PORTION / ofImage, 1, Math.max(1, shape.batch()));
    // A block may read beyond the last pixel's last element.
    int sizeX = Math.multiplyExact(images, rows * columns * in);
    int sizeDy = Math.multiplyExact(images, shape.outHeight() * shape.outWidth() * out);
    this.wideX = shared.large(6, sizeX + run + ROWS + LANES);
    this.wideDy = shared.large(7, sizeDy + ROWS + width);
  }

  private int runs() {
    return taps.all().size() * in / run;
  }

  private static long blocks(int lines, int columns) {
    return (long) roundUp(lines, ROWS) * ConvolutionBlocks.padded(columns);
  }

  private static int roundUp(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }

  /** Computes the group's part of {@code result}, weights of the group from {@code at} on. */
  void run(Workers workers, Operand result, long at) {
    for (int first = 0; first < shape.batch(); first += images) {
      int image = first;
      int count = Math.min(images, shape.batch() - first);
      workers.run(count, (i, scratch) -> widen(image + i, i));
      int tasks = runs() * lines / ROWS;
      workers.run(tasks, (task, scratch) -> add(task, count));
    }
    workers.run(out, (o, scratch) -> store(o, result, at, scratch));
  }

  private void widen(int image, int place) {
    int size = rows * columns * in;
    x.widen(image, taps.firstRow(), taps.firstColumn(), rows, columns, in, wideX, place * size);
    int height = shape.outHeight();
    int pixels = shape.outWidth();
    dy.widen(image, 0, 0, height, pixels, out, wideDy, place * height * pixels * out);
  }

  /** A block of lines of a run of taps. */
  private void add(int task, int count) {
    int run = task % runs();
    int line = task / runs() * ROWS;
    int[] pairs = new int[2 * count * shape.outHeight()];
    int at = 0;
    for (int image = 0; image < count; image++) {
      for (int i = 0; i < shape.outHeight(); i++) {
        int ofDy = (image * shape.outHeight() + i) * shape.outWidth() * out;
        int ofX = (image * rows + i * taps.rowStep()) * columns * in + offsets[run];
        pairs[at++] = turned ? ofX : ofDy;
        pairs[at++] = turned ? ofDy : ofX;
      }
    }
    float[] left = turned ? wideX : wideDy;
    float[] right = turned ? wideDy : wideX;
    int leftStride = turned ? stride : out;
    int rightStride = turned ? out : stride;
    for (int n = 0; n < width; ) {
      int vectors = Math.min(ConvolutionBlocks.VECTORS, (width - n) / LANES);
      ConvolutionBlocks.outer(
          vectors,
          left,
          line,
          leftStride,
          right,
          n,
          rightStride,
          pairs,
          shape.outWidth(),
          sums,
          (run * lines + line) * width + n,
          width);
      n += vectors * LANES;
    }
  }

  private void store(int o, Operand result, long at, Scratch scratch) {
    int pixels = shape.kernelHeight() * shape.kernelWidth();
    float[] weights = scratch.large(0, pixels * in);
    if (taps.all().size() < pixels) {
      Arrays.fill(weights, 0, pixels * in, 0f);
    }
    for (int i = 0; i < taps.all().size(); i++) {
      int to = taps.all().get(i).kernel() * in;
      int inRun = i * in % run;
      int from = i * in / run * lines * width;
      for (int c = 0; c < in; c++) {
        weights[to + c] =
            turned ? sums[from + (inRun + c) * width + o] : sums[from + o * width + inRun + c];
      }
    }
    long to = at + (long) o * pixels * in;
    for (int i = 0; i < pixels * in; i += Scratch.CHUNK) {
      int n = Math.min(Scratch.CHUNK, pixels * in - i);
      Conversions.narrow(weights, i, result, to + i, n, scratch.halves);
    }
  }
}
