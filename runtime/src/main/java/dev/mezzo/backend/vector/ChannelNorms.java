package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.mezzo.backend.ChannelNormKernels;
import dev.mezzo.backend.NormShape;
import dev.mezzo.backend.Operand;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * Batch and group norm: one pass for the moments, one for the result; backward one for the sums,
 * one for dx. Every pass goes over rows of pixels, some to a task; sums of a task are added in
 * FP64, in the tasks' order, whatever the threads.
 *
 * <p>Moments are those of each image less its first pixel, which keeps a variance small beside the
 * mean from cancelling.
 */
final class ChannelNorms implements ChannelNormKernels {

  private static final int LANES = Lanes.COUNT;
  private static final int CHUNK = Scratch.CHUNK;

  /** Elements of a task. */
  private static final int TASK = 1 << 16;

  /** Chunks whose sums are added in FP32 before they go to FP64. */
  private static final int BLOCK = 8;

  private final Workers workers;

  ChannelNorms(Workers workers) {
    this.workers = workers;
  }

  /** Something done to {@code rows} pixels from {@code pixel} on, over all images. */
  private interface Rows {
    void run(int task, long pixel, int rows, Scratch scratch);
  }

  @Override
  public void moments(NormShape shape, Operand x, Operand moments) {
    float[] origin = origins(shape, x);
    double[][] sums = sums(shape, x, null, origin, new float[0]);
    int all = shape.images() * shape.groups();
    int perGroup = shape.channels() / shape.groups();
    for (int g = 0; g < all; g++) {
      int n = g / shape.groups();
      double[] image = sums[n];
      int first = g % shape.groups() * perGroup;
      double mean = 0;
      for (int c = first; c < first + perGroup; c++) {
        mean += image[c] + shape.pixels() * (double) origin[n * shape.channels() + c];
      }
      mean /= shape.count();
      double variance = 0;
      for (int c = first; c < first + perGroup; c++) {
        double away = origin[n * shape.channels() + c] - mean;
        double square = image[shape.channels() + c];
        variance += square + 2 * away * image[c] + shape.pixels() * away * away;
      }
      variance = Math.max(0, variance / shape.count());
      put(moments, g, (float) mean);
      put(moments, all + g, (float) (1 / Math.sqrt(variance + shape.epsilon())));
    }
  }

  /** The first pixel of each image, and 0 for what is not finite in it. */
  private static float[] origins(NormShape shape, Operand x) {
    int channels = shape.channels();
    float[] origins = new float[shape.images() * channels];
    float[] pixel = new float[ConvolutionBlocks.padded(channels)];
    for (int n = 0; n < shape.images() && x.size() > 0; n++) {
      Conversions.widen(x, (long) n * shape.pixels() * channels, pixel, 0, channels);
      for (int c = 0; c < channels; c++) {
        origins[n * channels + c] = Float.isFinite(pixel[c]) ? pixel[c] : 0;
      }
    }
    return origins;
  }

  @Override
  public void follow(
      NormShape shape,
      Operand moments,
      float momentum,
      Operand runningMean,
      Operand runningVariance) {
    int channels = shape.channels();
    double unbiased = shape.count() / Math.max(1.0, shape.count() - 1.0);
    for (int c = 0; c < channels; c++) {
      double mean = get(moments, c);
      double inverse = get(moments, channels + c);
      double variance = Math.max(0, 1 / (inverse * inverse) - shape.epsilon()) * unbiased;
      if (Double.isFinite(mean) && Double.isFinite(variance)) {
        float m = get(runningMean, c);
        float v = get(runningVariance, c);
        put(runningMean, c, m + (float) (momentum * (mean - m)));
        put(runningVariance, c, v + (float) (momentum * (variance - v)));
      }
    }
  }

  @Override
  public void standing(
      NormShape shape, Operand runningMean, Operand runningVariance, Operand moments) {
    int channels = shape.channels();
    for (int c = 0; c < channels; c++) {
      double variance = get(runningVariance, c);
      put(moments, c, get(runningMean, c));
      put(moments, channels + c, (float) (1 / Math.sqrt(variance + shape.epsilon())));
    }
  }

  @Override
  public void normalize(NormShape shape, Operand x, Operand moments, Channels to, Operand y) {
    int channels = shape.channels();
    float[] weights = new float[channels];
    float[] biases = new float[channels];
    Conversions.widen(to.weight(), 0, weights, 0, channels);
    Conversions.widen(to.bias(), 0, biases, 0, channels);
    TailBlocks tail = TailBlocks.of(to.tail(), y.size());
    Period period = Period.of(channels);
    float[][] means = new float[shape.images()][period.chunk()];
    float[][] factors = new float[shape.images()][period.chunk()];
    for (int n = 0; n < shape.images(); n++) {
      for (int c = 0; c < channels; c++) {
        int g = group(shape, n, c);
        means[n][c] = get(moments, g);
        factors[n][c] = get(moments, shape.images() * shape.groups() + g) * weights[c];
      }
      period.repeat(means[n]);
      period.repeat(factors[n]);
    }
    float[] summands = Arrays.copyOf(biases, period.chunk());
    period.repeat(summands);
    chunks(
        shape,
        (task, pixel, rows, s) -> {
          int n = (int) (pixel / shape.pixels());
          int count = rows * channels;
          float[] values = s.large(0, period.chunk());
          Conversions.widen(x, pixel * channels, values, 0, count);
          scale(values, means[n], factors[n], summands, count);
          if (tail != null) {
            tail.apply(values, 0, count, pixel * channels, s);
          }
          narrow(values, y, pixel * channels, count, s);
        });
  }

  /** x = (x − mean)·factor + summand. */
  private static void scale(
      float[] x, float[] means, float[] factors, float[] summands, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, i);
      v = v.sub(FloatVector.fromArray(Lanes.FLOATS, means, i));
      FloatVector b = FloatVector.fromArray(Lanes.FLOATS, summands, i);
      v.fma(FloatVector.fromArray(Lanes.FLOATS, factors, i), b).intoArray(x, i);
    }
  }

  @Override
  public void gradient(
      NormShape shape, Operand dy, Operand x, Operand moments, Operand weight, Gradients to) {
    int channels = shape.channels();
    int groups = shape.groups();
    int all = shape.images() * groups;
    float[] weights = new float[channels];
    Conversions.widen(weight, 0, weights, 0, channels);
    float[] means = new float[shape.images() * channels];
    float[] inverses = new float[means.length];
    for (int i = 0; i < means.length; i++) {
      int g = group(shape, i / channels, i % channels);
      means[i] = get(moments, g);
      inverses[i] = get(moments, all + g);
    }
    double[][] sums = sums(shape, dy, x, means, inverses);
    double[] dWeight = new double[channels];
    double[] dBias = new double[channels];
    Period period = Period.of(channels);
    float[][] a = new float[shape.images()][period.chunk()];
    float[][] b = new float[shape.images()][period.chunk()];
    float[][] m = new float[shape.images()][period.chunk()];
    float[][] k = new float[shape.images()][period.chunk()];
    for (int n = 0; n < shape.images(); n++) {
      double[] mean = new double[groups];
      double[] product = new double[groups];
      for (int c = 0; c < channels; c++) {
        int g = c / (channels / groups);
        dBias[c] += sums[n][c];
        dWeight[c] += sums[n][channels + c];
        mean[g] += sums[n][c] * weights[c] / shape.count();
        product[g] += sums[n][channels + c] * weights[c] / shape.count();
      }
      for (int c = 0; c < channels; c++) {
        int g = c / (channels / groups);
        double inverse = inverses[n * channels + c];
        m[n][c] = means[n * channels + c];
        a[n][c] = (float) (inverse * weights[c]);
        b[n][c] = (float) (-inverse * inverse * product[g]);
        k[n][c] = (float) (-inverse * mean[g]);
      }
      period.repeat(m[n]);
      period.repeat(a[n]);
      period.repeat(b[n]);
      period.repeat(k[n]);
    }
    putAll(to.dWeight(), dWeight);
    putAll(to.dBias(), dBias);
    Operand dx = to.dx();
    if (dx != null) {
      chunks(
          shape,
          (task, pixel, rows, s) -> {
            int n = (int) (pixel / shape.pixels());
            int count = rows * channels;
            float[] out = s.large(0, period.chunk());
            float[] in = s.large(1, period.chunk());
            Conversions.widen(dy, pixel * channels, out, 0, count);
            Conversions.widen(x, pixel * channels, in, 0, count);
            combine(out, in, a[n], b[n], m[n], k[n], count);
            narrow(out, dx, pixel * channels, count, s);
          });
    }
  }

  /** dy = dy·a + (x − m)·b + k. */
  private static void combine(
      float[] dy, float[] x, float[] a, float[] b, float[] m, float[] k, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector away = FloatVector.fromArray(Lanes.FLOATS, x, i);
      away = away.sub(FloatVector.fromArray(Lanes.FLOATS, m, i));
      FloatVector rest = FloatVector.fromArray(Lanes.FLOATS, k, i);
      rest = away.fma(FloatVector.fromArray(Lanes.FLOATS, b, i), rest);
      FloatVector g = FloatVector.fromArray(Lanes.FLOATS, dy, i);
      g.fma(FloatVector.fromArray(Lanes.FLOATS, a, i), rest).intoArray(dy, i);
    }
  }

  /**
   * Of each image the channels' sums of d = x − origin, then of d²; or, where {@code by} is given,
   * of x, then of x·(by − origin)·factor.
   *
   * @param origin of each image's channels
   */
  private double[][] sums(
      NormShape shape, Operand x, @Nullable Operand by, float[] origin, float[] factor) {
    int channels = shape.channels();
    Period period = Period.of(channels);
    int tasks = tasks(shape);
    double[][] parts = new double[tasks][];
    float[][] origins = new float[shape.images()][period.chunk()];
    for (int n = 0; n < origins.length; n++) {
      System.arraycopy(origin, n * channels, origins[n], 0, channels);
      period.repeat(origins[n]);
    }
    int length = period.length();
    int[] blocks = new int[tasks];
    chunks(
        shape,
        (task, pixel, rows, s) -> {
          int count = rows * channels;
          float[] first = s.large(0, period.chunk());
          float[] second = s.large(1, period.chunk());
          float[] sum = s.large(2, 2 * length);
          float[] image = origins[(int) (pixel / shape.pixels())];
          Conversions.widen(x, pixel * channels, first, 0, count);
          if (by == null) {
            deviations(first, image, second, count);
          } else {
            Conversions.widen(by, pixel * channels, second, 0, count);
            products(first, second, image, count);
          }
          int whole = period.up(count);
          Arrays.fill(first, count, whole, 0f);
          Arrays.fill(second, count, whole, 0f);
          if (blocks[task] % BLOCK == 0) {
            Arrays.fill(sum, 0, 2 * length, 0f);
          }
          add(first, whole, sum, 0, length);
          add(second, whole, sum, length, length);
          boolean last = (pixel + rows) % shape.pixels() % taskRows(shape) == 0;
          if (++blocks[task] % BLOCK == 0 || last) {
            parts[task] = flush(sum, length, channels, parts[task]);
          }
        });
    double[][] sums = new double[shape.images()][2 * channels];
    int perImage = tasks / Math.max(1, shape.images());
    for (int task = 0; task < tasks; task++) {
      double[] part = parts[task];
      double[] sum = sums[task / perImage];
      for (int c = 0; part != null && c < 2 * channels; c++) {
        sum[c] += part[c];
      }
    }
    if (by != null && shape.pixels() > 0) { // the factors of nothing are NaN
      for (int n = 0; n < shape.images(); n++) {
        for (int c = 0; c < channels; c++) {
          sums[n][channels + c] *= factor[n * channels + c];
        }
      }
    }
    return sums;
  }

  /** Adds rows of FP32 sums to FP64 ones, which are made where there are none. */
  private static double[] flush(float[] sums, int length, int channels, double @Nullable [] to) {
    double[] part = to == null ? new double[2 * channels] : to;
    for (int row = 0; row < length; row += channels) {
      int count = Math.min(channels, length - row);
      for (int c = 0; c < count; c++) {
        part[c] += sums[row + c];
        part[channels + c] += sums[length + row + c];
      }
    }
    return part;
  }

  private static void narrow(float[] values, Operand y, long to, int count, Scratch s) {
    for (int i = 0; i < count; i += CHUNK) {
      int n = Math.min(CHUNK, count - i);
      Conversions.narrow(values, i, y, to + i, n, s.halves);
    }
  }

  /** x = x − origin, y = x². */
  private static void deviations(float[] x, float[] origin, float[] y, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector d = FloatVector.fromArray(Lanes.FLOATS, x, i);
      d = d.sub(FloatVector.fromArray(Lanes.FLOATS, origin, i));
      d.intoArray(x, i);
      d.mul(d).intoArray(y, i);
    }
  }

  /** y = x·(y − origin). */
  private static void products(float[] x, float[] y, float[] origin, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector d = FloatVector.fromArray(Lanes.FLOATS, y, i);
      d = d.sub(FloatVector.fromArray(Lanes.FLOATS, origin, i));
      d.mul(FloatVector.fromArray(Lanes.FLOATS, x, i)).intoArray(y, i);
    }
  }

  /** Adds rows of {@code length} elements, a multiple of a vector's. */
  private static void add(float[] rows, int count, float[] to, int at, int length) {
    for (int c = 0; c < length; c += LANES) {
      FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, to, at + c);
      for (int i = c; i < count; i += length) {
        sum = sum.add(FloatVector.fromArray(Lanes.FLOATS, rows, i));
      }
      sum.intoArray(to, at + c);
    }
  }

  private static int tasks(NormShape shape) {
    int rows = taskRows(shape);
    return shape.images() * ((shape.pixels() + rows - 1) / rows);
  }

  private static int taskRows(NormShape shape) {
    return Math.max(1, TASK / Math.max(1, shape.channels()));
  }

  /** Runs over all pixels, as many at once as fit a chunk. */
  private void chunks(NormShape shape, Rows body) {
    int rows = taskRows(shape);
    int perImage = (shape.pixels() + rows - 1) / rows;
    int chunk = Period.of(shape.channels()).rows();
    workers.run(
        shape.images() * perImage,
        (task, scratch) -> {
          long image = (long) (task / perImage) * shape.pixels();
          int first = task % perImage * rows;
          int end = Math.min(shape.pixels(), first + rows);
          for (int p = first; p < end; p += chunk) {
            body.run(task, image + p, Math.min(chunk, end - p), scratch);
          }
        });
  }

  /**
   * How channels repeat in vectors: so many rows of them are a whole number of vectors, or a row is
   * one, and the rest of its last vector is nothing.
   *
   * @param length elements after which channels and vectors meet again
   * @param rows pixels of a chunk
   * @param chunk room for them
   */
  private record Period(int channels, int length, int rows, int chunk) {

    static Period of(int channels) {
      int length = Math.max(1, channels);
      while (length % LANES != 0) {
        length += channels;
      }
      if (2 * length > CHUNK && length > channels) {
        int wide = ConvolutionBlocks.padded(channels);
        return new Period(channels, wide, 1, Math.max(CHUNK, wide));
      }
      int periods = Math.max(1, CHUNK / length);
      return new Period(channels, length, periods * (length / channels), periods * length);
    }

    /** Fills a chunk with repetitions of its first row. */
    void repeat(float[] chunk) {
      for (int i = channels; i < chunk.length; i++) {
        chunk[i] = chunk[i - channels];
      }
    }

    int up(int count) {
      return (count + length - 1) / length * length;
    }
  }

  /** The group of a channel, over all images. */
  private static int group(NormShape shape, int image, int channel) {
    return image * shape.groups() + channel / (shape.channels() / shape.groups());
  }

  private static float get(Operand x, int index) {
    return x.data().getAtIndex(JAVA_FLOAT, index);
  }

  private static void put(Operand y, int index, float value) {
    y.data().setAtIndex(JAVA_FLOAT, index, value);
  }

  private static void putAll(@Nullable Operand to, double[] values) {
    if (to != null) {
      float[] rounded = new float[values.length];
      for (int i = 0; i < rounded.length; i++) {
        rounded[i] = (float) values[i];
      }
      Conversions.narrow(rounded, 0, to, 0, rounded.length, new short[rounded.length]);
    }
  }
}
