package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.mezzo.backend.ChannelNormKernels;
import dev.mezzo.backend.NormShape;
import dev.mezzo.backend.Operand;
import java.util.Arrays;
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

  // Arrays of the scratch: what belongs to a pixel's channels, repeated.
  private static final int MEANS = 3;
  private static final int FACTORS = 4;
  private static final int SUMMANDS = 5;
  private static final int SLOPES = 6;

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

  /** What a task brings into its scratch of the image that its pixels are of. */
  private interface Image {
    void run(int image, Scratch scratch);
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
    Period period = Period.of(shape);
    int all = shape.images() * shape.groups();
    int perGroup = channels / shape.groups();
    chunks(
        shape,
        (n, s) -> {
          float[] means = s.large(MEANS, period.chunk());
          float[] factors = s.large(FACTORS, period.chunk());
          for (int g = 0; g < shape.groups(); g++) {
            int group = n * shape.groups() + g;
            float factor = get(moments, all + group);
            int end = (g + 1) * perGroup;
            Arrays.fill(means, g * perGroup, end, get(moments, group));
            for (int c = g * perGroup; c < end; c++) {
              factors[c] = factor * weights[c];
            }
          }
          float[] summands = s.large(SUMMANDS, period.chunk());
          System.arraycopy(biases, 0, summands, 0, channels);
          period.repeat(means);
          period.repeat(factors);
          period.repeat(summands);
        },
        (task, pixel, rows, s) -> {
          int count = rows * channels;
          float[] values = s.large(0, period.chunk());
          Conversions.widen(x, pixel * channels, values, 0, count);
          ChannelLoops.scale(
              values,
              s.large(MEANS, period.chunk()),
              s.large(FACTORS, period.chunk()),
              s.large(SUMMANDS, period.chunk()),
              count);
          if (tail != null) {
            tail.apply(values, 0, count, pixel * channels, s);
          }
          narrow(values, y, pixel * channels, count, s);
        });
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
    for (int g = 0; g < all && channels > 0; g++) {
      Arrays.fill(means, g * (channels / groups), (g + 1) * (channels / groups), get(moments, g));
      Arrays.fill(
          inverses, g * (channels / groups), (g + 1) * (channels / groups), get(moments, all + g));
    }
    double[][] sums = sums(shape, dy, x, means, inverses);
    double[] dWeight = new double[channels];
    double[] dBias = new double[channels];
    for (double[] image : sums) {
      for (int c = 0; c < channels; c++) {
        dBias[c] += image[c];
        dWeight[c] += image[channels + c];
      }
    }
    putAll(to.dWeight(), dWeight);
    putAll(to.dBias(), dBias);
    Operand dx = to.dx();
    if (dx == null) {
      return;
    }
    Period period = Period.of(shape);
    int perGroup = channels / groups;
    chunks(
        shape,
        (n, s) -> {
          float[] factors = s.large(FACTORS, period.chunk());
          float[] slopes = s.large(SLOPES, period.chunk());
          float[] summands = s.large(SUMMANDS, period.chunk());
          for (int g = 0; g < groups; g++) {
            int end = (g + 1) * perGroup;
            double mean = 0;
            double product = 0;
            for (int c = g * perGroup; c < end; c++) {
              mean += sums[n][c] * weights[c];
              product += sums[n][channels + c] * weights[c];
            }
            double inverse = perGroup == 0 ? 0 : inverses[n * channels + g * perGroup];
            double share = inverse / shape.count();
            Arrays.fill(slopes, g * perGroup, end, (float) (-inverse * share * product));
            Arrays.fill(summands, g * perGroup, end, (float) (-share * mean));
            for (int c = g * perGroup; c < end; c++) {
              factors[c] = (float) (inverse * weights[c]);
            }
          }
          float[] own = s.large(MEANS, period.chunk());
          System.arraycopy(means, n * channels, own, 0, channels);
          period.repeat(own);
          period.repeat(factors);
          period.repeat(slopes);
          period.repeat(summands);
        },
        (task, pixel, rows, s) -> {
          int count = rows * channels;
          float[] out = s.large(0, period.chunk());
          float[] in = s.large(1, period.chunk());
          Conversions.widen(dy, pixel * channels, out, 0, count);
          Conversions.widen(x, pixel * channels, in, 0, count);
          ChannelLoops.combine(
              out,
              in,
              s.large(MEANS, period.chunk()),
              s.large(FACTORS, period.chunk()),
              s.large(SLOPES, period.chunk()),
              s.large(SUMMANDS, period.chunk()),
              count);
          narrow(out, dx, pixel * channels, count, s);
        });
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
    Period period = Period.of(shape);
    int tasks = tasks(shape);
    double[][] parts = new double[tasks][];
    int length = period.length();
    int[] blocks = new int[tasks];
    chunks(
        shape,
        (n, s) -> {
          float[] origins = s.large(MEANS, period.chunk());
          System.arraycopy(origin, n * channels, origins, 0, channels);
          period.repeat(origins);
        },
        (task, pixel, rows, s) -> {
          int count = rows * channels;
          int whole = period.up(count);
          float[] first = s.large(0, period.chunk());
          float[] sum = s.large(2, 2 * length);
          float[] origins = s.large(MEANS, period.chunk());
          if (blocks[task] % BLOCK == 0) {
            Arrays.fill(sum, 0, 2 * length, 0f);
          }
          Conversions.widen(x, pixel * channels, first, 0, count);
          if (by == null) {
            System.arraycopy(origins, count, first, count, whole - count); // deviates by 0
            ChannelLoops.deviations(first, whole, origins, sum, length);
          } else {
            float[] second = s.large(1, period.chunk());
            Conversions.widen(by, pixel * channels, second, 0, count);
            Arrays.fill(first, count, whole, 0f);
            Arrays.fill(second, count, whole, 0f);
            ChannelLoops.products(first, second, whole, origins, sum, length);
          }
          boolean last = (pixel + rows) % shape.pixels() % taskRows(shape) == 0;
          if (++blocks[task] % BLOCK == 0 || last) {
            parts[task] = flush(sum, length, channels, parts[task]);
          }
        });
    int perImage = tasks / Math.max(1, shape.images());
    double[][] sums = new double[shape.images()][perImage == 1 ? 0 : 2 * channels];
    for (int task = 0; task < tasks; task++) {
      double[] part = parts[task];
      if (part != null && perImage == 1) {
        sums[task] = part;
      } else if (part != null) {
        add(part, sums[task / perImage]);
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

  private static void add(double[] part, double[] to) {
    for (int i = 0; i < part.length; i++) {
      to[i] += part[i];
    }
  }

  private static int tasks(NormShape shape) {
    int rows = taskRows(shape);
    return shape.images() * ((shape.pixels() + rows - 1) / rows);
  }

  private static int taskRows(NormShape shape) {
    return Math.max(1, TASK / Math.max(1, shape.channels()));
  }

  /** Runs over all pixels, as many at once as fit a chunk, of each task's image. */
  private void chunks(NormShape shape, Image begin, Rows body) {
    int rows = taskRows(shape);
    int perImage = (shape.pixels() + rows - 1) / rows;
    int chunk = Period.of(shape).rows();
    workers.run(
        shape.images() * perImage,
        (task, scratch) -> {
          begin.run(task / perImage, scratch);
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

    static Period of(NormShape shape) {
      int channels = shape.channels();
      int length = Math.max(1, channels);
      while (length % LANES != 0) {
        length += channels;
      }
      if (2 * length > CHUNK && length > channels) {
        int wide = ConvolutionBlocks.padded(channels);
        return new Period(channels, wide, 1, Math.max(CHUNK, wide));
      }
      int most = (int) Math.min(CHUNK, (long) shape.pixels() * channels + length - 1);
      int periods = Math.max(1, most / length);
      return new Period(channels, length, periods * (length / channels), periods * length);
    }

    /** Fills a chunk with repetitions of its first row. */
    void repeat(float[] values) {
      int size = chunk;
      for (int done = channels; done > 0 && done < size; done *= 2) {
        System.arraycopy(values, 0, values, done, Math.min(done, size - done));
      }
    }

    int up(int count) {
      return (count + length - 1) / length * length;
    }
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
