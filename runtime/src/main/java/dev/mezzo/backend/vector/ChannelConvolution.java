package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.mezzo.backend.ConvolutionShape;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.Operand;
import java.util.ArrayList;
import java.util.List;
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

  /**
   * Pixels that are computed together, at most: what lies beyond a row's end is garbage in room for
   * it.
   */
  private static final int TOGETHER = 8;

  /** Channels of a group from which on products of matrices are faster. */
  private static final int MANY = 16;

  private final Plane source;
  private final Taps taps;
  private final ChannelGroups groups;
  private final int results;
  private final int wide;
  private final int columns;
  private final int taskRows;

  /** What each phase of the taps reads. */
  private final List<Reads> reads = new ArrayList<>();

  /**
   * What a phase of the taps reads.
   *
   * @param products the places in a group and taps whose products make a pixel
   * @param run taps that are neighbours and load a pixel together; 1 where pixels are steps apart
   * @param offsets where the runs start, of all places
   */
  private record Reads(List<Product> products, int run, int[] offsets) {

    /** Whether they are three runs of three, equally far apart. */
    private boolean isSquare() {
      return run == 3 && offsets.length == 3 && offsets[2] - offsets[1] == offsets[1] - offsets[0];
    }
  }

  private record Product(int place, Taps.Tap tap) {}

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
    for (int phase = 0; phase < taps.phases().size(); phase++) {
      reads.add(reads(phase));
    }
  }

  private Reads reads(int phase) {
    int run = taps.columnStep() == 1 ? taps.run(phase) : 1;
    int[] once = taps.offsets(phase, run, columns, wide);
    int[] offsets = new int[groups.in() * once.length];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = i / once.length * placeSize() + once[i % once.length];
    }
    List<Product> products = new ArrayList<>();
    for (int place = 0; place < groups.in(); place++) {
      for (Taps.Tap tap : taps.phases().get(phase)) {
        products.add(new Product(place, tap));
      }
    }
    return new Reads(products, run, offsets);
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
    int phases = taps.phases().size();
    int columns = Math.ceilDiv(target.width(), phases);
    ChannelConvolution all =
        new ChannelConvolution(source, taps, groups, target.channels(), part.rows(), columns);
    float[][] kernels = all.kernels(weight);
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
          float[] sums = scratch.large(1, (columns + TOGETHER) * phases * all.wide);
          for (int i = 0; i < count; i++) {
            for (int phase = 0; phase < phases; phase++) {
              all.sums(phase, rows, i, columns, kernels[phase], sums);
            }
            int row = part.row() + (first + i) * part.rowStep();
            store.row(image, row, sums, 0, all.wide, scratch);
          }
        });
  }

  /** The weights of each phase by product, the results side by side. */
  private float[][] kernels(Operand weight) {
    float[] stored = new float[(int) weight.size()];
    Conversions.widen(weight, 0, stored, 0, stored.length);
    float[][] kernels = new float[reads.size()][];
    for (int phase = 0; phase < kernels.length; phase++) {
      List<Product> products = reads.get(phase).products();
      kernels[phase] = new float[products.size() * wide];
      for (int i = 0; i < products.size(); i++) {
        for (int o = 0; o < results; o++) {
          kernels[phase][i * wide + o] = stored[weight(products.get(i), o, stored.length)];
        }
      }
    }
    return kernels;
  }

  /** The index of result {@code o}'s weight. */
  private int weight(Product product, int o, int size) {
    int pixels =
        size / (groups.turned() ? source.channels() * groups.out() : results * groups.in());
    return groups.weight(o, product.place(), product.tap().kernel(), pixels);
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

  /** A phase's pixels of a row. */
  private void sums(int phase, float[] rows, int row, int pixels, float[] kernel, float[] sums) {
    Reads read = reads.get(phase);
    int step = taps.columnStep() * wide;
    int from = row * taps.rowStep() * columns * wide;
    int toStep = taps.phases().size() * wide;
    if (read.isSquare()) {
      int[] starts = read.offsets();
      int down = starts[1] - starts[0];
      square(rows, from + starts[0], down, kernel, pixels, wide, sums, phase * wide, toStep);
      return;
    }
    for (int j = 0; j < pixels; j += read.run() > 1 ? TOGETHER : TOGETHER / 2) {
      int at = from + j * step;
      int to = j * toStep + phase * wide;
      if (read.run() > 1) {
        runs(rows, at, read.offsets(), read.run(), kernel, wide, sums, to, toStep);
      } else {
        each(rows, at, step, read.offsets(), kernel, wide, sums, to, toStep);
      }
    }
  }

  // One loop over the channels to a method: see the package on what the compiler inlines.

  /** A row of pixels, each of three runs of three taps: the weights stay in registers. */
  private static void square(
      float[] rows,
      int at,
      int down,
      float[] kernel,
      int pixels,
      int wide,
      float[] sums,
      int to,
      int toStep) {
    for (int c = 0; c < wide; c += LANES) {
      FloatVector w0 = fromArray(FLOATS, kernel, c);
      FloatVector w1 = fromArray(FLOATS, kernel, c + wide);
      FloatVector w2 = fromArray(FLOATS, kernel, c + 2 * wide);
      FloatVector w3 = fromArray(FLOATS, kernel, c + 3 * wide);
      FloatVector w4 = fromArray(FLOATS, kernel, c + 4 * wide);
      FloatVector w5 = fromArray(FLOATS, kernel, c + 5 * wide);
      FloatVector w6 = fromArray(FLOATS, kernel, c + 6 * wide);
      FloatVector w7 = fromArray(FLOATS, kernel, c + 7 * wide);
      FloatVector w8 = fromArray(FLOATS, kernel, c + 8 * wide);
      int o = at + c;
      FloatVector x0 = fromArray(FLOATS, rows, o);
      FloatVector x1 = fromArray(FLOATS, rows, o + wide);
      FloatVector x3 = fromArray(FLOATS, rows, o + down);
      FloatVector x4 = fromArray(FLOATS, rows, o + down + wide);
      FloatVector x6 = fromArray(FLOATS, rows, o + 2 * down);
      FloatVector x7 = fromArray(FLOATS, rows, o + 2 * down + wide);
      for (int j = 0; j < pixels; j++) {
        FloatVector x2 = fromArray(FLOATS, rows, o + (j + 2) * wide);
        FloatVector x5 = fromArray(FLOATS, rows, o + (j + 2) * wide + down);
        FloatVector x8 = fromArray(FLOATS, rows, o + (j + 2) * wide + 2 * down);
        FloatVector top = x2.fma(w2, x1.fma(w1, x0.mul(w0)));
        FloatVector middle = x5.fma(w5, x4.fma(w4, x3.mul(w3)));
        FloatVector bottom = x8.fma(w8, x7.fma(w7, x6.mul(w6)));
        top.add(middle).add(bottom).intoArray(sums, to + c + j * toStep);
        x0 = x1;
        x1 = x2;
        x3 = x4;
        x4 = x5;
        x6 = x7;
        x7 = x8;
      }
    }
  }

  /** Eight pixels, whose taps are runs of neighbours: a pixel is loaded once for all of a run. */
  private static void runs(
      float[] rows,
      int at,
      int[] offsets,
      int run,
      float[] kernel,
      int wide,
      float[] sums,
      int to,
      int toStep) {
    for (int c = 0; c < wide; c += LANES) {
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = s0;
      FloatVector s2 = s0;
      FloatVector s3 = s0;
      FloatVector s4 = s0;
      FloatVector s5 = s0;
      FloatVector s6 = s0;
      FloatVector s7 = s0;
      int k = c;
      for (int i = 0; i < offsets.length; i++) {
        int o = offsets[i] + at + c;
        FloatVector x0 = fromArray(FLOATS, rows, o);
        FloatVector x1 = fromArray(FLOATS, rows, o + wide);
        FloatVector x2 = fromArray(FLOATS, rows, o + 2 * wide);
        FloatVector x3 = fromArray(FLOATS, rows, o + 3 * wide);
        FloatVector x4 = fromArray(FLOATS, rows, o + 4 * wide);
        FloatVector x5 = fromArray(FLOATS, rows, o + 5 * wide);
        FloatVector x6 = fromArray(FLOATS, rows, o + 6 * wide);
        o += 7 * wide;
        for (int r = 0; r < run; r++) {
          FloatVector w = fromArray(FLOATS, kernel, k + r * wide);
          FloatVector x7 = fromArray(FLOATS, rows, o + r * wide);
          s0 = x0.fma(w, s0);
          s1 = x1.fma(w, s1);
          s2 = x2.fma(w, s2);
          s3 = x3.fma(w, s3);
          s4 = x4.fma(w, s4);
          s5 = x5.fma(w, s5);
          s6 = x6.fma(w, s6);
          s7 = x7.fma(w, s7);
          x0 = x1;
          x1 = x2;
          x2 = x3;
          x3 = x4;
          x4 = x5;
          x5 = x6;
          x6 = x7;
        }
        k += run * wide;
      }
      s0.intoArray(sums, to + c);
      s1.intoArray(sums, to + toStep + c);
      s2.intoArray(sums, to + 2 * toStep + c);
      s3.intoArray(sums, to + 3 * toStep + c);
      s4.intoArray(sums, to + 4 * toStep + c);
      s5.intoArray(sums, to + 5 * toStep + c);
      s6.intoArray(sums, to + 6 * toStep + c);
      s7.intoArray(sums, to + 7 * toStep + c);
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
      int to,
      int toStep) {
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
      s1.intoArray(sums, to + toStep + c);
      s2.intoArray(sums, to + 2 * toStep + c);
      s3.intoArray(sums, to + 3 * toStep + c);
    }
  }

  static void gradientWeight(
      Workers workers, ConvolutionShape shape, Plane x, Plane dy, Taps taps, Operand result) {
    ChannelGroups groups = ChannelGroups.of(shape, false);
    ChannelConvolution all =
        new ChannelConvolution(
            x, taps, groups, shape.outChannels(), shape.outHeight(), shape.outWidth());
    int portions = Math.min(PORTIONS, shape.batch());
    List<Product> products = all.reads.getFirst().products();
    int size = products.size() * all.wide;
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
    for (int i = 0; i < products.size(); i++) {
      for (int o = 0; o < shape.outChannels(); o++) {
        weights[all.weight(products.get(i), o, weights.length)] = total[i * all.wide + o];
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
    Reads read = reads.getFirst();
    for (int r = 0; r < count; r++) {
      int from = r * taps.rowStep() * columns * wide;
      int at = r * pixels * wide;
      for (int i = 0; i < read.products().size(); ) {
        int inRun = i % read.run();
        int x = from + read.offsets()[i / read.run()] + inRun * wide;
        if (read.run() - inRun >= 3) {
          addThree(rows, x, out, at, pixels, wide, sums, i * wide);
          i += 3;
        } else {
          add(rows, x, step, out, at, pixels, wide, sums, i * wide);
          i++;
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
