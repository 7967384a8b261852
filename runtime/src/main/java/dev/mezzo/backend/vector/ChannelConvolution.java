package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.mezzo.backend.ConvolutionShape;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.Operand;
import jdk.incubator.vector.FloatVector;

/**
 * Convolutions of few channels to a group; depthwise ones have one. The results' channels lie side
 * by side in vectors, and so do the source's that each of them multiplies ({@link ChannelGroups}):
 * a pixel is the sum over the places of a group and the taps.
 */
final class ChannelConvolution {

  private static final int LANES = Lanes.COUNT;

  /** Elements of a task's result, about. */
  private static final int TASK = 1 << 14;

  /** Portions of the images that have sums of their own for the weights' gradient. */
  private static final int PORTIONS = 32;

  /** Pixels that are computed together: what lies beyond a row's end is garbage in room for it. */
  private static final int TOGETHER = 4;

  /** Channels of a group from which on products of matrices are faster. */
  private static final int MANY = 16;

  private final Plane source;
  private final Taps taps;
  private final ChannelGroups groups;
  private final int results;
  private final int wide;
  private final int columns;
  private final int taskRows;

  /** Whether the taps are runs of three neighbours. */
  private final boolean threes;

  /** Where the runs, or else the taps, start, of all places of a group. */
  private final int[] offsets;

  private ChannelConvolution(
      Plane source, Taps taps, ChannelGroups groups, int results, int rows, int columns) {
    this.source = source;
    this.taps = taps;
    this.groups = groups;
    this.results = results;
    this.wide = ConvolutionBlocks.padded(results);
    this.columns = taps.columns(columns);
    this.taskRows =
        Math.clamp(TASK * Math.min(groups.in(), 4) / (columns * wide * groups.in()), 1, rows);
    this.threes = taps.run() == 3 && taps.columnStep() == 1;
    int[] once = threes ? taps.offsets(this.columns, wide) : taps.eachOffset(this.columns, wide);
    this.offsets = new int[groups.in() * once.length];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = i / once.length * placeSize() + once[i % once.length];
    }
  }

  static boolean takes(ConvolutionShape shape) {
    return shape.geometry().groups() > 1
        && Math.max(shape.groupIn(), shape.groupOut()) < MANY
        && shape.groupIn() > 0;
  }

  /** Elements of the rows of a task, for one place of a group. */
  private int placeSize() {
    return taps.rows(taskRows) * columns * wide;
  }

  static void run(
      Workers workers,
      Plane source,
      Plane target,
      Taps taps,
      ChannelGroups groups,
      Correlation.Part part,
      Operand weight,
      Epilogue epilogue) {
    ChannelConvolution all =
        new ChannelConvolution(
            source, taps, groups, target.channels(), part.rows(), part.columns());
    float[] kernel = all.kernel(weight);
    ConvolutionStore store = new ConvolutionStore(target, epilogue);
    int taskRows = all.taskRows;
    int perImage = (part.rows() + taskRows - 1) / taskRows;
    workers.run(
        part.batch() * perImage,
        (task, scratch) -> {
          int image = task / perImage;
          int first = task % perImage * taskRows;
          int count = Math.min(taskRows, part.rows() - first);
          float[] rows = all.rows(image, first, count, scratch);
          float[] sums = scratch.large(1, (part.columns() + TOGETHER) * all.wide);
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

  /** The weights by place of a group and tap, the results side by side. */
  private float[] kernel(Operand weight) {
    float[] stored = new float[(int) weight.size()];
    Conversions.widen(weight, 0, stored, 0, stored.length);
    float[] kernel = new float[groups.in() * taps.all().size() * wide];
    for (int i = 0; i < kernel.length / wide; i++) {
      for (int o = 0; o < results; o++) {
        kernel[i * wide + o] = stored[weight(i, o, stored.length)];
      }
    }
    return kernel;
  }

  /** The index of result {@code o}'s weight for number {@code i} of places and taps. */
  private int weight(int i, int o, int size) {
    int pixels =
        size / (groups.turned() ? source.channels() * groups.out() : results * groups.in());
    Taps.Tap tap = taps.all().get(i % taps.all().size());
    return groups.weight(o, i / taps.all().size(), tap.kernel(), pixels);
  }

  private float[] rows(int image, int first, int count, Scratch scratch) {
    int needed = taps.rows(count);
    int beyond = ((TOGETHER - 1) * taps.columnStep() + 2) * wide;
    int top = first * taps.rowStep() + taps.firstRow();
    float[] rows = scratch.large(0, groups.in() * placeSize() + beyond);
    if (groups.isDepthwise()) {
      source.widen(image, top, taps.firstColumn(), needed, columns, wide, rows, 0);
      return rows;
    }
    int sourceWide = ConvolutionBlocks.padded(source.channels());
    float[] plain = scratch.large(2, needed * columns * sourceWide);
    source.widen(image, top, taps.firstColumn(), needed, columns, sourceWide, plain, 0);
    for (int i = 0; i < groups.in(); i++) {
      int at = i * placeSize();
      groups.arrange(i, plain, sourceWide, needed * columns, rows, at, results, wide);
    }
    return rows;
  }

  private void sums(float[] rows, int row, int pixels, float[] kernel, float[] sums) {
    int step = taps.columnStep() * wide;
    int from = row * taps.rowStep() * columns * wide;
    for (int j = 0; j < pixels; j += TOGETHER) {
      if (threes) {
        threes(rows, from + j * wide, offsets, kernel, wide, sums, j * wide);
      } else {
        each(rows, from + j * step, step, offsets, kernel, wide, sums, j * wide);
      }
    }
  }

  // One loop over the channels to a method: see the package on what the compiler inlines.

  /**
   * Four pixels, whose taps are runs of three neighbours: a pixel is loaded once for all of a run.
   */
  private static void threes(
      float[] rows, int at, int[] offsets, float[] kernel, int wide, float[] sums, int to) {
    for (int c = 0; c < wide; c += LANES) {
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int i = 0; i < offsets.length; i++) {
        int o = offsets[i] + at + c;
        int k = 3 * i * wide + c;
        FloatVector w = fromArray(FLOATS, kernel, k);
        FloatVector x1 = fromArray(FLOATS, rows, o + wide);
        FloatVector x2 = fromArray(FLOATS, rows, o + 2 * wide);
        FloatVector x3 = fromArray(FLOATS, rows, o + 3 * wide);
        s0 = fromArray(FLOATS, rows, o).fma(w, s0);
        s1 = x1.fma(w, s1);
        s2 = x2.fma(w, s2);
        s3 = x3.fma(w, s3);
        w = fromArray(FLOATS, kernel, k + wide);
        FloatVector x4 = fromArray(FLOATS, rows, o + 4 * wide);
        s0 = x1.fma(w, s0);
        s1 = x2.fma(w, s1);
        s2 = x3.fma(w, s2);
        s3 = x4.fma(w, s3);
        w = fromArray(FLOATS, kernel, k + 2 * wide);
        s0 = x2.fma(w, s0);
        s1 = x3.fma(w, s1);
        s2 = x4.fma(w, s2);
        s3 = fromArray(FLOATS, rows, o + 5 * wide).fma(w, s3);
      }
      s0.intoArray(sums, to + c);
      s1.intoArray(sums, to + wide + c);
      s2.intoArray(sums, to + 2 * wide + c);
      s3.intoArray(sums, to + 3 * wide + c);
    }
  }

  /** Four pixels, {@code step} apart, tap by tap. */
  private static void each(
      float[] rows,
      int at,
      int step,
      int[] offsets,
      float[] kernel,
      int wide,
      float[] sums,
      int to) {
    for (int c = 0; c < wide; c += LANES) {
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      for (int i = 0; i < offsets.length; i++) {
        int o = offsets[i] + at + c;
        FloatVector w = fromArray(FLOATS, kernel, i * wide + c);
        s0 = fromArray(FLOATS, rows, o).fma(w, s0);
        s1 = fromArray(FLOATS, rows, o + step).fma(w, s1);
        s2 = fromArray(FLOATS, rows, o + 2 * step).fma(w, s2);
        s3 = fromArray(FLOATS, rows, o + 3 * step).fma(w, s3);
      }
      s0.intoArray(sums, to + c);
      s1.intoArray(sums, to + wide + c);
      s2.intoArray(sums, to + 2 * wide + c);
      s3.intoArray(sums, to + 3 * wide + c);
    }
  }

  static void gradientWeight(
      Workers workers, ConvolutionShape shape, Plane x, Plane dy, Taps taps, Operand result) {
    ChannelGroups groups = ChannelGroups.of(shape, false);
    ChannelConvolution all =
        new ChannelConvolution(
            x, taps, groups, shape.outChannels(), shape.outHeight(), shape.outWidth());
    int portions = Math.min(PORTIONS, shape.batch());
    int size = groups.in() * taps.all().size() * all.wide;
    float[][] sums = new float[portions][size];
    workers.run(
        portions,
        (portion, scratch) -> {
          int end = (int) ((portion + 1L) * shape.batch() / portions);
          for (int n = (int) ((long) portion * shape.batch() / portions); n < end; n++) {
            for (int i = 0; i < shape.outHeight(); i += all.taskRows) {
              int count = Math.min(all.taskRows, shape.outHeight() - i);
              all.add(n, i, count, dy, shape.outWidth(), sums[portion], scratch);
            }
          }
        });
    float[] total = new float[size];
    for (float[] sum : sums) {
      GemmStore.add(total, 0, sum, 0, size);
    }
    float[] weights = new float[(int) shape.weightSize()];
    for (int i = 0; i < size / all.wide; i++) {
      for (int o = 0; o < shape.outChannels(); o++) {
        weights[all.weight(i, o, weights.length)] = total[i * all.wide + o];
      }
    }
    short[] halves = new short[weights.length];
    Conversions.narrow(weights, 0, result, 0, weights.length, halves);
  }

  /** Adds the products of rows [first, first + count) of dy. */
  private void add(
      int image, int first, int count, Plane dy, int pixels, float[] sums, Scratch scratch) {
    float[] rows = rows(image, first, count, scratch);
    float[] out = scratch.large(1, count * pixels * wide);
    dy.widen(image, first, 0, count, pixels, wide, out, 0);
    int step = taps.columnStep() * wide;
    for (int r = 0; r < count; r++) {
      int from = r * taps.rowStep() * columns * wide;
      int at = r * pixels * wide;
      for (int i = 0; i < offsets.length; i++) {
        if (threes) {
          addThree(rows, from + offsets[i], out, at, pixels, wide, sums, 3 * i * wide);
        } else {
          add(rows, from + offsets[i], step, out, at, pixels, wide, sums, i * wide);
        }
      }
    }
  }

  /** Of three neighbouring taps. */
  private static void addThree(
      float[] rows, int at, float[] out, int outAt, int pixels, int wide, float[] sums, int to) {
    for (int c = 0; c < wide; c += LANES) {
      FloatVector s0 = fromArray(FLOATS, sums, to + c);
      FloatVector s1 = fromArray(FLOATS, sums, to + wide + c);
      FloatVector s2 = fromArray(FLOATS, sums, to + 2 * wide + c);
      FloatVector x0 = fromArray(FLOATS, rows, at + c);
      FloatVector x1 = fromArray(FLOATS, rows, at + wide + c);
      for (int j = 0; j < pixels; j++) {
        FloatVector g = fromArray(FLOATS, out, outAt + j * wide + c);
        FloatVector x2 = fromArray(FLOATS, rows, at + (j + 2) * wide + c);
        s0 = x0.fma(g, s0);
        s1 = x1.fma(g, s1);
        s2 = x2.fma(g, s2);
        x0 = x1;
        x1 = x2;
      }
      s0.intoArray(sums, to + c);
      s1.intoArray(sums, to + wide + c);
      s2.intoArray(sums, to + 2 * wide + c);
    }
  }

  /** Of one tap; sums of even and of odd pixels. */
  private static void add(
      float[] rows,
      int at,
      int step,
      float[] out,
      int outAt,
      int pixels,
      int wide,
      float[] sums,
      int to) {
    for (int c = 0; c < wide; c += LANES) {
      FloatVector even = fromArray(FLOATS, sums, to + c);
      FloatVector odd = FloatVector.zero(FLOATS);
      int j = 0;
      for (; j < pixels - 1; j += 2) {
        FloatVector g = fromArray(FLOATS, out, outAt + j * wide + c);
        even = fromArray(FLOATS, rows, at + j * step + c).fma(g, even);
        g = fromArray(FLOATS, out, outAt + (j + 1) * wide + c);
        odd = fromArray(FLOATS, rows, at + (j + 1) * step + c).fma(g, odd);
      }
      if (j < pixels) {
        FloatVector g = fromArray(FLOATS, out, outAt + j * wide + c);
        even = fromArray(FLOATS, rows, at + j * step + c).fma(g, even);
      }
      even.add(odd).intoArray(sums, to + c);
    }
  }
}
