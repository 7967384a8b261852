package dev.mezzo.backend.vector;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.RowNorm;
import dev.mezzo.backend.RowNormGradients;
import dev.mezzo.backend.RowNormKernels;
import java.util.Arrays;
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

  /** Least elements of a task, and least rows, as each task widens weights and has sums. */
  private static final int TASK = 1 << 14;

  private static final int TASK_ROWS = 16;

  // Arrays of the scratch: of each row its mean and factor, and partial sums.
  private static final int MEANS = 5;
  private static final int FACTORS = 6;
  private static final int PARTIAL = 8;

  private final Workers workers;
  private float[] sums = new float[0];

  RowNorms(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void forward(RowNorm norm, Operand x, Operand weight, @Nullable Operand bias, Operand y) {
    int cols = norm.cols();
    int tasks = tasks(norm);
    RowBlock block = RowBlock.of(cols, Scratch.CHUNK);
    workers.run(
        tasks,
        (task, s) -> {
          float[] rows = s.large(0, block.rows() * block.stride());
          float[] gain = widened(weight, s.large(1, cols), cols);
          float[] shift = s.large(2, cols);
          Arrays.fill(shift, 0, cols + LANES, 0);
          if (bias != null) {
            widened(bias, shift, cols);
          }
          int end = first(norm, task + 1, tasks);
          for (int r = first(norm, task, tasks); r < end; r += block.rows()) {
            int count = Math.min(block.rows(), end - r);
            block.widen(x, r, count, rows, 0, s);
            moments(norm, block, rows, count, s);
            float[] means = s.large(MEANS, count);
            float[] factors = s.large(FACTORS, count);
            RowNormLoops.affine(rows, block.stride(), cols, count, means, factors, gain, shift);
            block.narrow(rows, r, count, y, s);
          }
        });
  }

  @Override
  public void gradient(
      RowNorm norm, Operand dy, Operand x, Operand weight, RowNormGradients gradients) {
    int cols = norm.cols();
    int tasks = tasks(norm);
    RowBlock block = RowBlock.of(cols, Scratch.CHUNK);
    if (sums.length < 2 * tasks * cols) {
      sums = new float[2 * tasks * cols];
    }
    workers.run(
        tasks,
        (task, s) -> {
          float[] dWeight = s.large(0, cols);
          float[] dBias = s.large(1, cols);
          float[] gain = widened(weight, s.large(2, cols), cols);
          Arrays.fill(gain, cols, cols + LANES, 0); // beyond the row gradients are 0·0
          Arrays.fill(dWeight, 0, cols + LANES, 0);
          Arrays.fill(dBias, 0, cols + LANES, 0);
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
    int stride = block.stride();
    float[] n = s.large(3, block.rows() * stride);
    float[] g = s.large(4, block.rows() * stride);
    block.widen(x, first, count, n, 0, s);
    block.widen(dy, first, count, g, 0, s);
    moments(norm, block, n, count, s);
    float[] means = s.large(MEANS, count);
    float[] factors = s.large(FACTORS, count);
    float[] gain = s.large(2, cols);
    float[] sums = s.large(PARTIAL, count * LANES);
    float[] products = s.large(PARTIAL + 1, count * LANES);
    RowNormLoops.normalise(n, g, stride, cols, count, means, factors, gain, sums, products);
    RowNormLoops.gather(n, g, stride, cols, count, s.large(0, cols), s.large(1, cols));
    if (dx != null) {
      float[] slopes = s.large(FACTORS + 1, count);
      RowLoops.totals(sums, count, norm.centered() ? 1f / cols : 0, means);
      RowLoops.totals(products, count, 1f / cols, slopes);
      RowNormLoops.slopes(g, n, stride, cols, count, gain, means, slopes, factors);
      block.narrow(g, first, count, dx, s);
    }
  }

  /**
   * Of each row what to subtract, its mean, or 0 where the norm does not centre; and what brings it
   * to mean square 1 then.
   */
  private static void moments(RowNorm norm, RowBlock block, float[] x, int count, Scratch s) {
    int cols = norm.cols();
    float[] means = s.large(MEANS, count);
    float[] factors = s.large(FACTORS, count);
    float[] partial = s.large(PARTIAL, count * LANES);
    if (norm.centered()) {
      RowLoops.sums(x, block.stride(), cols, count, partial);
      RowLoops.totals(partial, count, 1, means);
      for (int r = 0; r < count; r++) {
        means[r] /= cols;
      }
    } else {
      Arrays.fill(means, 0, count, 0);
    }
    RowLoops.squares(x, block.stride(), cols, count, means, partial);
    RowLoops.totals(partial, count, 1, factors);
    for (int r = 0; r < count; r++) {
      factors[r] = (float) (1 / Math.sqrt(factors[r] / cols + norm.epsilon()));
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
    return Math.clamp(size / TASK, 1, Math.clamp(norm.rows() / TASK_ROWS, 1, TASKS));
  }

  private static int first(RowNorm norm, int task, int tasks) {
    return (int) ((long) norm.rows() * task / tasks);
  }

  private static float[] widened(Operand x, float[] to, int cols) {
    Conversions.widen(x, 0, to, 0, cols);
    return to;
  }
}
