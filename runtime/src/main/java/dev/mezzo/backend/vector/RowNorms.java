package dev.mezzo.backend.vector;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.RowNorm;
import dev.mezzo.backend.RowNormGradients;
import dev.mezzo.backend.RowNormKernels;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * Layer norm and RMS norm. A row is widened once and stays in the first-level cache for all that is
 * done to it. Gradients of weight and bias are summed in FP32 over the rows of a task, and over
 * tasks in FP64, in order: the number of threads changes nothing.
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
    workers.run(
        tasks,
        (task, s) -> {
          float[] row = s.large(0, cols);
          float[] gain = widened(weight, s.large(1, cols), cols);
          float[] shift = s.large(2, cols);
          Arrays.fill(shift, 0);
          if (bias != null) {
            widened(bias, shift, cols);
          }
          pad(gain, cols);
          for (int r = first(norm, task, tasks); r < first(norm, task + 1, tasks); r++) {
            Conversions.widen(x, (long) r * cols, row, 0, cols);
            float factor = normalise(norm, row, s.x);
            affine(row, factor, gain, shift, cols);
            Conversions.narrow(row, 0, y, (long) r * cols, cols, s.halves(cols));
          }
        });
  }

  @Override
  public void gradient(
      RowNorm norm, Operand dy, Operand x, Operand weight, RowNormGradients gradients) {
    int cols = norm.cols();
    int tasks = tasks(norm);
    if (sums.length < 2 * tasks * cols) {
      sums = new float[2 * tasks * cols];
    }
    workers.run(
        tasks,
        (task, s) -> {
          float[] dWeight = s.large(0, cols);
          float[] dBias = s.large(1, cols);
          pad(widened(weight, s.large(2, cols), cols), cols);
          Arrays.fill(dWeight, 0);
          Arrays.fill(dBias, 0);
          for (int r = first(norm, task, tasks); r < first(norm, task + 1, tasks); r++) {
            row(norm, r, dy, x, gradients.dx(), s);
          }
          System.arraycopy(dWeight, 0, sums, 2 * task * cols, cols);
          System.arraycopy(dBias, 0, sums, (2 * task + 1) * cols, cols);
        });
    store(tasks, cols, 0, gradients.dWeight());
    if (gradients.dBias() != null) {
      store(tasks, cols, 1, gradients.dBias());
    }
  }

  /** One row's dx; adds to the sums in rows 0 and 1 of the scratch. The weight is in row 2. */
  private static void row(
      RowNorm norm, int r, Operand dy, Operand x, @Nullable Operand dx, Scratch s) {
    int cols = norm.cols();
    float[] dWeight = s.large(0, cols);
    float[] dBias = s.large(1, cols);
    float[] gain = s.large(2, cols);
    float[] n = s.large(3, cols);
    float[] g = s.large(4, cols);
    Conversions.widen(x, (long) r * cols, n, 0, cols);
    Conversions.widen(dy, (long) r * cols, g, 0, cols);
    float factor = normalise(norm, n, s.x);
    accumulate(n, factor, g, dWeight, dBias, cols);
    if (dx == null) {
      return;
    }
    pad(g, cols);
    multiply(g, gain, cols);
    float mean = norm.centered() ? sum(g, cols, s.x) / cols : 0;
    float slope = dot(g, n, cols, s.x) / cols;
    slopes(g, mean, n, slope, factor, cols);
    Conversions.narrow(g, 0, dx, (long) r * cols, cols, s.halves(cols));
  }

  /**
   * Subtracts the row's mean, where the norm does, and returns what brings it to mean square 1. The
   * row has zeros up to the end of its last vector then.
   */
  private static float normalise(RowNorm norm, float[] row, float[] buffer) {
    int cols = norm.cols();
    pad(row, cols);
    if (norm.centered()) {
      subtract(row, sum(row, cols, buffer) / cols, cols);
      pad(row, cols);
    }
    return (float) (1 / Math.sqrt(dot(row, row, cols, buffer) / cols + norm.epsilon()));
  }

  // One loop to a method: the compiler stops inlining in longer ones.

  private static void affine(float[] x, float factor, float[] gain, float[] shift, int n) {
    for (int i = 0; i < n; i += LANES) {
      load(x, i).mul(factor).fma(load(gain, i), load(shift, i)).intoArray(x, i);
    }
  }

  /** x becomes the normalised x. */
  private static void accumulate(
      float[] x, float factor, float[] dy, float[] dWeight, float[] dBias, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector d = load(dy, i);
      FloatVector v = load(x, i).mul(factor);
      v.intoArray(x, i);
      d.fma(v, load(dWeight, i)).intoArray(dWeight, i);
      d.add(load(dBias, i)).intoArray(dBias, i);
    }
  }

  private static void slopes(float[] g, float mean, float[] x, float slope, float factor, int n) {
    for (int i = 0; i < n; i += LANES) {
      load(g, i).sub(mean).sub(load(x, i).mul(slope)).mul(factor).intoArray(g, i);
    }
  }

  private static void subtract(float[] x, float value, int n) {
    for (int i = 0; i < n; i += LANES) {
      load(x, i).sub(value).intoArray(x, i);
    }
  }

  private static void multiply(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i += LANES) {
      load(x, i).mul(load(y, i)).intoArray(x, i);
    }
  }

  /** The sum of a padded row. */
  private static float sum(float[] x, int n, float[] buffer) {
    FloatVector even = FloatVector.zero(Lanes.FLOATS);
    FloatVector odd = FloatVector.zero(Lanes.FLOATS);
    int i = 0;
    for (; i < n - LANES; i += 2 * LANES) {
      even = even.add(load(x, i));
      odd = odd.add(load(x, i + LANES));
    }
    return lanes(i < n ? even.add(load(x, i)).add(odd) : even.add(odd), buffer);
  }

  /** Σ x·y of padded rows. */
  private static float dot(float[] x, float[] y, int n, float[] buffer) {
    FloatVector even = FloatVector.zero(Lanes.FLOATS);
    FloatVector odd = FloatVector.zero(Lanes.FLOATS);
    int i = 0;
    for (; i < n - LANES; i += 2 * LANES) {
      even = load(x, i).fma(load(y, i), even);
      odd = load(x, i + LANES).fma(load(y, i + LANES), odd);
    }
    if (i < n) {
      even = load(x, i).fma(load(y, i), even);
    }
    return lanes(even.add(odd), buffer);
  }

  /** The sum of the lanes in a fixed order, which {@code reduceLanes} does not promise. */
  private static float lanes(FloatVector v, float[] buffer) {
    v.intoArray(buffer, 0);
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        buffer[i] += buffer[i + half];
      }
    }
    return buffer[0];
  }

  private static void pad(float[] x, int n) {
    Arrays.fill(x, n, (n + LANES - 1) / LANES * LANES, 0f);
  }

  private void store(int tasks, int cols, int which, Operand to) {
    float[] total = new float[cols];
    for (int i = 0; i < cols; i++) {
      double sum = 0;
      for (int task = 0; task < tasks; task++) {
        sum += sums[(2 * task + which) * cols + i];
      }
      total[i] = (float) sum;
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

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(Lanes.FLOATS, x, at);
  }
}
