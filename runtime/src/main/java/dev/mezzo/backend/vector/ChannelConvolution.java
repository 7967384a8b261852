package dev.mezzo.backend.vector;

import dev.mezzo.backend.ConvolutionShape;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.Operand;
import jdk.incubator.vector.FloatVector;

/**
 * Depthwise convolutions: every channel is a group of its own, with one result. Channels lie side
 * by side in vectors; a pixel is the sum over the taps.
 */
final class ChannelConvolution {

  private static final int LANES = Lanes.COUNT;

  /** Elements of a task's result, about. */
  private static final int TASK = 1 << 14;

  /** Portions of the images that have sums of their own for the weights' gradient. */
  private static final int PORTIONS = 32;

  private final Plane source;
  private final Taps taps;
  private final int wide;
  private final int columns;

  private ChannelConvolution(Plane source, Taps taps, int columns) {
    this.source = source;
    this.taps = taps;
    this.wide = ConvolutionBlocks.padded(source.channels());
    this.columns = taps.columns(columns);
  }

  static boolean takes(ConvolutionShape shape) {
    int groups = shape.geometry().groups();
    return groups > 1 && groups == shape.inChannels() && groups == shape.outChannels();
  }

  static void run(
      Workers workers,
      Plane source,
      Plane target,
      Taps taps,
      Correlation.Part part,
      Operand weight,
      Epilogue epilogue) {
    ChannelConvolution all = new ChannelConvolution(source, taps, part.columns());
    float[] kernel = all.kernel(weight);
    ConvolutionStore store = new ConvolutionStore(target, epilogue);
    int taskRows = Math.clamp(TASK / (part.columns() * all.wide), 1, part.rows());
    int perImage = (part.rows() + taskRows - 1) / taskRows;
    workers.run(
        part.batch() * perImage,
        (task, scratch) -> {
          int image = task / perImage;
          int first = task % perImage * taskRows;
          int count = Math.min(taskRows, part.rows() - first);
          float[] rows = all.rows(image, first, count, scratch);
          float[] sums = scratch.large(1, part.columns() * all.wide);
          for (int i = 0; i < count; i++) {
            all.sums(rows, i, part.columns(), kernel, sums);
            int row = part.row() + (first + i) * part.rowStep();
            store.row(
                image,
                row,
                part.column(),
                part.columnStep(),
                part.columns(),
                sums,
                0,
                all.wide,
                scratch);
          }
        });
  }

  /** The weights by tap, the channels side by side. */
  private float[] kernel(Operand weight) {
    int channels = source.channels();
    float[] stored = new float[(int) weight.size()];
    Conversions.widen(weight, 0, stored, 0, stored.length);
    int pixels = stored.length / channels;
    float[] kernel = new float[taps.all().size() * wide];
    for (int i = 0; i < taps.all().size(); i++) {
      for (int c = 0; c < channels; c++) {
        kernel[i * wide + c] = stored[c * pixels + taps.all().get(i).kernel()];
      }
    }
    return kernel;
  }

  private float[] rows(int image, int first, int count, Scratch scratch) {
    int needed = taps.rows(count);
    float[] rows = scratch.large(0, needed * columns * wide);
    int top = first * taps.rowStep() + taps.firstRow();
    source.widen(image, top, taps.firstColumn(), needed, columns, wide, rows, 0);
    return rows;
  }

  private void sums(float[] rows, int row, int pixels, float[] kernel, float[] sums) {
    int[] offsets = offsets(row);
    for (int j = 0; j < pixels; j++) {
      int at = j * taps.columnStep() * wide;
      for (int c = 0; c < wide; c += LANES) {
        FloatVector sum = FloatVector.zero(Lanes.FLOATS);
        for (int i = 0; i < offsets.length; i++) {
          FloatVector x = FloatVector.fromArray(Lanes.FLOATS, rows, offsets[i] + at + c);
          sum = x.fma(FloatVector.fromArray(Lanes.FLOATS, kernel, i * wide + c), sum);
        }
        sum.intoArray(sums, j * wide + c);
      }
    }
  }

  private int[] offsets(int row) {
    int[] offsets = new int[taps.all().size()];
    for (int i = 0; i < offsets.length; i++) {
      Taps.Tap tap = taps.all().get(i);
      int down = row * taps.rowStep() + tap.row() - taps.firstRow();
      offsets[i] = (down * columns + tap.column() - taps.firstColumn()) * wide;
    }
    return offsets;
  }

  static void gradientWeight(
      Workers workers, ConvolutionShape shape, Plane x, Plane dy, Taps taps, Operand result) {
    ChannelConvolution all = new ChannelConvolution(x, taps, shape.outWidth());
    int portions = Math.min(PORTIONS, shape.batch());
    int size = taps.all().size() * all.wide;
    float[][] sums = new float[portions][size];
    workers.run(
        portions,
        (portion, scratch) -> {
          int end = (int) ((portion + 1L) * shape.batch() / portions);
          for (int n = (int) ((long) portion * shape.batch() / portions); n < end; n++) {
            for (int i = 0; i < shape.outHeight(); i++) {
              all.add(n, i, dy, shape.outWidth(), sums[portion], scratch);
            }
          }
        });
    float[] total = new float[size];
    for (float[] sum : sums) {
      GemmStore.add(total, 0, sum, 0, size);
    }
    int pixels = taps.all().size();
    float[] weights = new float[shape.inChannels() * pixels];
    for (int i = 0; i < pixels; i++) {
      for (int c = 0; c < shape.inChannels(); c++) {
        weights[c * pixels + taps.all().get(i).kernel()] = total[i * all.wide + c];
      }
    }
    short[] halves = new short[weights.length];
    Conversions.narrow(weights, 0, result, 0, weights.length, halves);
  }

  /** Adds the products of a row of dy. */
  private void add(int image, int row, Plane dy, int pixels, float[] sums, Scratch scratch) {
    float[] rows = rows(image, row, 1, scratch);
    float[] out = scratch.large(1, pixels * wide);
    dy.widen(image, row, 0, 1, pixels, wide, out, 0);
    int[] offsets = offsets(0);
    int step = taps.columnStep() * wide;
    for (int i = 0; i < offsets.length; i++) {
      for (int c = 0; c < wide; c += LANES) {
        FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, sums, i * wide + c);
        for (int j = 0; j < pixels; j++) {
          FloatVector g = FloatVector.fromArray(Lanes.FLOATS, out, j * wide + c);
          sum = FloatVector.fromArray(Lanes.FLOATS, rows, offsets[i] + j * step + c).fma(g, sum);
        }
        sum.intoArray(sums, i * wide + c);
      }
    }
  }
}
