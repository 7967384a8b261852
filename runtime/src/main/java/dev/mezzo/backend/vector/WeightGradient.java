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
  private final int groups;
  private final int in;
  private final int out;
  private final int run;
  private final int[] offsets;
  private final int columns;
  private final int rows;
  private final int stride;

  /** Whether rows of the sums are x's, and columns dy's: less waste where x has few channels. */
  private final boolean turned;

  /** The sums: for each group and run of taps some rows of {@code width} elements. */
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
    this.groups = shape.geometry().groups();
    this.in = shape.groupIn();
    this.out = shape.groupOut();
    this.columns = taps.columns(shape.outWidth());
    this.rows = taps.rows(shape.outHeight());
    boolean runs = groups == 1; // else the channels of a group are apart
    int neighbours = runs ? taps.run(0) : 1;
    this.run = neighbours * in;
    this.offsets = taps.offsets(0, neighbours, columns, x.channels());
    this.stride = taps.columnStep() * x.channels();
    this.turned = blocks(run, out) < blocks(out, run);
    this.width = ConvolutionBlocks.padded(turned ? out : run);
    this.lines = roundUp(turned ? run : out, ROWS);
    int size = groups * offsets.length * lines * width;
    this.sums = shared.large(5, size);
    Arrays.fill(sums, 0, size, 0f);
    long ofImage = (long) sizeOfX() + sizeOfDy();
    this.images = Math.clamp(PORTION / ofImage, 1, Math.max(1, shape.batch()));
    // A block may read beyond the last pixel's last element.
    int sizeX = Math.multiplyExact(images, sizeOfX());
    int sizeDy = Math.multiplyExact(images, sizeOfDy());
    this.wideX = shared.large(6, sizeX + run + ROWS + LANES);
    this.wideDy = shared.large(7, sizeDy + ROWS + width);
  }

  /** Elements of an image of x, widened. */
  private int sizeOfX() {
    return rows * columns * x.channels();
  }

  private int sizeOfDy() {
    return shape.outHeight() * shape.outWidth() * dy.channels();
  }

  private static long blocks(int lines, int columns) {
    return (long) roundUp(lines, ROWS) * ConvolutionBlocks.padded(columns);
  }

  private static int roundUp(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }

  void run(Workers workers, Operand result) {
    for (int first = 0; first < shape.batch(); first += images) {
      int image = first;
      int count = Math.min(images, shape.batch() - first);
      workers.run(count, (i, scratch) -> widen(image + i, i));
      int tasks = groups * offsets.length * lines / ROWS;
      workers.run(tasks, (task, scratch) -> add(task, count));
    }
    workers.run(groups * out, (o, scratch) -> store(o, result, scratch));
  }

  private void widen(int image, int place) {
    int top = taps.firstRow();
    int left = taps.firstColumn();
    x.widen(image, top, left, rows, columns, x.channels(), wideX, place * sizeOfX());
    int at = place * sizeOfDy();
    dy.widen(image, 0, 0, shape.outHeight(), shape.outWidth(), dy.channels(), wideDy, at);
  }

  /** A block of lines of a group's run of taps. */
  private void add(int task, int count) {
    int run = task % offsets.length;
    int block = task / offsets.length;
    int group = block % groups;
    int line = block / groups * ROWS;
    int firstIn = group * in;
    int firstOut = group * out;
    int[] pairs = new int[2 * count * shape.outHeight()];
    int at = 0;
    for (int image = 0; image < count; image++) {
      for (int i = 0; i < shape.outHeight(); i++) {
        int ofDy = (image * shape.outHeight() + i) * shape.outWidth() * dy.channels();
        int ofX = image * sizeOfX() + i * taps.rowStep() * columns * x.channels() + offsets[run];
        pairs[at++] = turned ? ofX : ofDy;
        pairs[at++] = turned ? ofDy : ofX;
      }
    }
    float[] left = turned ? wideX : wideDy;
    float[] right = turned ? wideDy : wideX;
    int leftStride = turned ? stride : dy.channels();
    int rightStride = turned ? dy.channels() : stride;
    int leftFirst = turned ? firstIn : firstOut;
    int rightFirst = turned ? firstOut : firstIn;
    int to = ((group * offsets.length + run) * lines + line) * width;
    for (int n = 0; n < width; ) {
      int vectors = Math.min(ConvolutionBlocks.VECTORS, (width - n) / LANES);
      ConvolutionBlocks.outer(
          vectors,
          left,
          leftFirst + line,
          leftStride,
          right,
          rightFirst + n,
          rightStride,
          pairs,
          shape.outWidth(),
          sums,
          to + n,
          width);
      n += vectors * LANES;
    }
  }

  private void store(int o, Operand result, Scratch scratch) {
    int group = o / out;
    int inGroup = o % out;
    int pixels = shape.kernelHeight() * shape.kernelWidth();
    float[] weights = scratch.large(0, pixels * in);
    if (taps.size() < pixels) {
      Arrays.fill(weights, 0, pixels * in, 0f);
    }
    for (int i = 0; i < taps.size(); i++) {
      int to = taps.phases().getFirst().get(i).kernel() * in;
      int inRun = i * in % run;
      int from = (group * offsets.length + i * in / run) * lines * width;
      for (int c = 0; c < in; c++) {
        weights[to + c] =
            turned
                ? sums[from + (inRun + c) * width + inGroup]
                : sums[from + inGroup * width + inRun + c];
      }
    }
    long to = (long) o * pixels * in;
    for (int i = 0; i < pixels * in; i += Scratch.CHUNK) {
      int n = Math.min(Scratch.CHUNK, pixels * in - i);
      Conversions.narrow(weights, i, result, to + i, n, scratch.halves);
    }
  }
}
