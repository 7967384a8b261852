package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.RowNorm;
import dev.mezzo.backend.RowNormGradients;
import dev.mezzo.backend.RowNormKernels;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * Layer norm and RMS norm. Rows are widened together, as many as make a chunk, and stay in the
 * first-level cache for all that is done to them. Gradients of weight and bias are summed in FP32
 * over the rows of a task, and over tasks in FP64, in order: the number of threads changes nothing.
 */
final class RowNorms implements RowNormKernels {

  private static final int LANES = Lanes.COUNT;

  /** Most tasks of a gradient, each of which has sums of its own. */
  private static final int TASKS = 64;

  /** Least elements of a task. */
  private static final int TASK = 1 << 14;

  private final Workers workers;
  private float[] sums = new float[0];

  RowNorms(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void forward(RowNorm norm, Operand x, Operand weight, @Nullable Operand bias, Operand y) {
    int cols = norm.cols();
    int tasks = tasks(norm);
    RowBlock block = RowBlock.of(cols);
    workers.run(
        tasks,
        (task, s) -> {
          float[] rows = s.large(0, block.rows() * block.stride());
          float[] gain = widened(weight, s.large(1, cols), cols);
          float[] shift = s.large(2, cols);
          Arrays.fill(shift, 0);
          if (bias != null) {
            widened(bias, shift, cols);
          }
          pad(gain, cols, 0);
          int end = first(norm, task + 1, tasks);
          for (int r = first(norm, task, tasks); r < end; r += block.rows()) {
            int count = Math.min(block.rows(), end - r);
            block.widen(x, r, count, rows, s);
            for (int i = 0; i < count; i++) {
              int at = i * block.stride();
              float mean = mean(norm, rows, at);
              affine(rows, at, mean, factor(norm, rows, at, mean), gain, shift, cols);
            }
            block.narrow(rows, r, count, y, s);
          }
        });
  }

  @Override
  public void gradient(
      RowNorm norm, Operand dy, Operand x, Operand weight, RowNormGradients gradients) {
    int cols = norm.cols();
    int tasks = tasks(norm);
    RowBlock block = RowBlock.of(cols);
    if (sums.length < 2 * tasks * cols) {
      sums = new float[2 * tasks * cols];
    }
    workers.run(
        tasks,
        (task, s) -> {
          float[] dWeight = s.large(0, cols);
          float[] dBias = s.large(1, cols);
          pad(widened(weight, s.large(2, cols), cols), cols, 0);
          Arrays.fill(dWeight, 0);
          Arrays.fill(dBias, 0);
          int end = first(norm, task + 1, tasks);
          for (int r = first(norm, task, tasks); r < end; r += block.rows()) {
            rows(norm, block, r, Math.min(block.rows(), end - r), dy, x, gradients.dx(), s);
          }
          System.arraycopy(dWeight, 0, sums, 2 * task * cols, cols);
          System.arraycopy(dBias, 0, sums, (2 * task + 1) * cols, cols);
        });
    store(tasks, cols, 0, gradients.dWeight());
    if (gradients.dBias() != null) {
      store(tasks, cols, 1, gradients.dBias());
    }
  }

  /** The dx of rows; adds to the sums in arrays 0 and 1 of the scratch. The weight is in 2. */
  private static void rows(
      RowNorm norm,
      RowBlock block,
      int first,
      int count,
      Operand dy,
      Operand x,
      @Nullable Operand dx,
      Scratch s) {
    int cols = norm.cols();
    float[] n = s.large(3, block.rows() * block.stride());
    float[] g = s.large(4, block.rows() * block.stride());
    block.widen(x, first, count, n, s);
    block.widen(dy, first, count, g, s);
    for (int r = 0; r < count; r++) {
      int at = r * block.stride();
      float mean = mean(norm, n, at);
      float factor = factor(norm, n, at, mean);
      pad(g, at + cols, 0);
      normalise(n, at, mean, factor, cols);
      addProducts(g, n, at, s.large(0, cols), cols);
      add(g, at, s.large(1, cols), cols);
      if (dx != null) {
        multiply(g, at, s.large(2, cols), cols);
        float meanSlope = norm.centered() ? sum(g, at, cols) / cols : 0;
        slopes(g, n, at, meanSlope, dot(g, n, at, cols) / cols, factor, cols);
      }
    }
    if (dx != null) {
      block.narrow(g, first, count, dx, s);
    }
  }

  /**
   * What to subtract from a row: its mean, or 0 where the norm does not centre. A row that ends
   * within a vector is filled up with it, so that it has no part in the sum of squares.
   */
  private static float mean(RowNorm norm, float[] x, int at) {
    int cols = norm.cols();
    pad(x, at + cols, 0);
    if (!norm.centered()) {
      return 0;
    }
    float mean = sum(x, at, cols) / cols;
    pad(x, at + cols, mean);
    return mean;
  }

  /** What brings a row less its mean to mean square 1. */
  private static float factor(RowNorm norm, float[] x, int at, float mean) {
    int cols = norm.cols();
    return (float) (1 / Math.sqrt(squares(x, at, mean, cols) / cols + norm.epsilon()));
  }

  // One loop to a method: see the package on what the compiler inlines.

  private static void affine(
      float[] x, int at, float mean, float factor, float[] gain, float[] shift, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, at + i).sub(mean).mul(factor);
      v.fma(fromArray(FLOATS, gain, i), fromArray(FLOATS, shift, i)).intoArray(x, at + i);
    }
  }

  private static void normalise(float[] x, int at, float mean, float factor, int n) {
    for (int i = at; i < at + n; i += LANES) {
      fromArray(FLOATS, x, i).sub(mean).mul(factor).intoArray(x, i);
    }
  }

  /** to += x · y. */
  private static void addProducts(float[] x, float[] y, int at, float[] to, int n) {
    for (int i = 0; i < n; i += LANES) {
      fromArray(FLOATS, x, at + i)
          .fma(fromArray(FLOATS, y, at + i), fromArray(FLOATS, to, i))
          .intoArray(to, i);
    }
  }

  private static void add(float[] x, int at, float[] to, int n) {
    for (int i = 0; i < n; i += LANES) {
      fromArray(FLOATS, x, at + i).add(fromArray(FLOATS, to, i)).intoArray(to, i);
    }
  }

  private static void slopes(
      float[] g, float[] x, int at, float mean, float slope, float factor, int n) {
    for (int i = at; i < at + n; i += LANES) {
      fromArray(FLOATS, g, i)
          .sub(mean)
          .sub(fromArray(FLOATS, x, i).mul(slope))
          .mul(factor)
          .intoArray(g, i);
    }
  }

  private static void multiply(float[] x, int at, float[] y, int n) {
    for (int i = 0; i < n; i += LANES) {
      fromArray(FLOATS, x, at + i).mul(fromArray(FLOATS, y, i)).intoArray(x, at + i);
    }
  }

  // Sums of rows that zeros fill up to the end of a vector.

  private static float sum(float[] x, int at, int n) {
    FloatVector even = FloatVector.zero(Lanes.FLOATS);
    FloatVector odd = FloatVector.zero(Lanes.FLOATS);
    int end = at + n;
    int i = at;
    for (; i < end - LANES; i += 2 * LANES) {
      even = even.add(fromArray(FLOATS, x, i));
      odd = odd.add(fromArray(FLOATS, x, i + LANES));
    }
    return Lanes.sum(i < end ? even.add(fromArray(FLOATS, x, i)).add(odd) : even.add(odd));
  }

  /** Σ (x − mean)². */
  private static float squares(float[] x, int at, float mean, int n) {
    FloatVector even = FloatVector.zero(Lanes.FLOATS);
    FloatVector odd = FloatVector.zero(Lanes.FLOATS);
    int end = at + n;
    int i = at;
    for (; i < end - LANES; i += 2 * LANES) {
      FloatVector a = fromArray(FLOATS, x, i).sub(mean);
      FloatVector b = fromArray(FLOATS, x, i + LANES).sub(mean);
      even = a.fma(a, even);
      odd = b.fma(b, odd);
    }
    if (i < end) {
      FloatVector a = fromArray(FLOATS, x, i).sub(mean);
      even = a.fma(a, even);
    }
    return Lanes.sum(even.add(odd));
  }

  /** Σ x·y. */
  private static float dot(float[] x, float[] y, int at, int n) {
    FloatVector even = FloatVector.zero(Lanes.FLOATS);
    FloatVector odd = FloatVector.zero(Lanes.FLOATS);
    int end = at + n;
    int i = at;
    for (; i < end - LANES; i += 2 * LANES) {
      even = fromArray(FLOATS, x, i).fma(fromArray(FLOATS, y, i), even);
      odd = fromArray(FLOATS, x, i + LANES).fma(fromArray(FLOATS, y, i + LANES), odd);
    }
    if (i < end) {
      even = fromArray(FLOATS, x, i).fma(fromArray(FLOATS, y, i), even);
    }
    return Lanes.sum(even.add(odd));
  }

  private static void pad(float[] x, int end, float value) {
    int tail = end % LANES;
    if (tail != 0) {
      Arrays.fill(x, end, end - tail + LANES, value);
    }
  }

  private void store(int tasks, int cols, int which, Operand to) {
    double[] exact = new double[cols];
    for (int task = 0; task < tasks; task++) {
      int from = (2 * task + which) * cols;
      for (int i = 0; i < cols; i++) {
        exact[i] += sums[from + i];
      }
    }
    float[] total = new float[cols];
    for (int i = 0; i < cols; i++) {
      total[i] = (float) exact[i];
    }
    Conversions.narrow(total, 0, to, 0, cols, new short[cols]);
  }

  private static int tasks(RowNorm norm) {
    long size = (long) norm.rows() * norm.cols();
    return Math.clamp(size / TASK, 1, Math.clamp(norm.rows(), 1, TASKS));
  }

  private static int first(RowNorm norm, int task, int tasks) {
    return (int) ((long) norm.rows() * task / tasks);
  }

  private static float[] widened(Operand x, float[] to, int cols) {
    Conversions.widen(x, 0, to, 0, cols);
    return to;
  }
}
