package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.mezzo.backend.ClassTargets;
import dev.mezzo.backend.LossKernels;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.PairLoss;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Losses in one pass over their operands, and their gradients in another, many rows or chunks at a
 * time. Sums in FP64, in order.
 */
final class RowLosses implements LossKernels {

  private static final int CHUNK = Scratch.CHUNK;

  private final Workers workers;
  private final Reductions reductions;

  RowLosses(Workers workers, Reductions reductions) {
    this.workers = workers;
    this.reductions = reductions;
  }

  @Override
  public void pairs(PairLoss function, Operand x, Operand target, Operand loss, double factor) {
    double sum =
        Chunks.sum(
            workers,
            x.size(),
            (from, n, s) -> {
              Conversions.widen(x, from, s.x, 0, n);
              Conversions.widen(target, from, s.y, 0, n);
              PairLosses.values(function, n, s);
              return Reductions.total(s.x, n);
            });
    loss.data().set(JAVA_FLOAT, 0, (float) (sum * factor));
  }

  @Override
  public void pairsGradient(
      PairLoss function,
      Operand dLoss,
      Operand x,
      Operand target,
      Operand dx,
      double factor,
      boolean byTarget) {
    float scale = (float) (scalar(dLoss) * factor);
    Chunks.run(
        workers,
        x.size(),
        (from, n, s) -> {
          Conversions.widen(x, from, s.x, 0, n);
          Conversions.widen(target, from, s.y, 0, n);
          if (byTarget) {
            PairLosses.targetSlopes(function, n, s);
          } else {
            PairLosses.slopes(function, n, s);
          }
          ElementWise.scale(s.x, scale, n);
          Conversions.narrow(s.x, 0, dx, from, n, s.halves);
        });
  }

  @Override
  public void crossEntropy(Operand logits, ClassTargets targets, Operand loss) {
    int cols = targets.cols();
    float[] classes = weights(targets.classWeights(), cols);
    float[] rows = weights(targets.rowWeights(), targets.rows());
    double spread = targets.smoothing() / (double) cols;
    double allClasses = sum(classes);
    double[] losses = new double[targets.rows()];
    reductions.eachRow(
        targets.rows(),
        cols,
        (row, s) -> {
          int label = label(targets, row);
          if (label == targets.ignored()) {
            return;
          }
          if (label < 0 || label >= cols) {
            losses[row] = Double.NaN;
            return;
          }
          long from = (long) row * cols;
          double all = Softmax.sum(logits, from, cols, s).logarithm();
          double smooth = spread == 0 ? 0 : allClasses * all - weighted(logits, from, classes, s);
          Conversions.widen(logits, from + label, s.x, 0, 1);
          double own = (1.0 - targets.smoothing()) * classes[label] * (all - s.x[0]);
          losses[row] = rows[row] * (own + spread * smooth);
        });
    double sum = 0;
    for (double one : losses) {
      sum += one;
    }
    loss.data().set(JAVA_FLOAT, 0, (float) (sum / weight(targets, classes, rows)));
  }

  /** Σ weight·logit of a row. */
  private static double weighted(Operand logits, long from, float[] weights, Scratch s) {
    double sum = 0;
    for (int i = 0; i < weights.length; i += CHUNK) {
      int n = Math.min(CHUNK, weights.length - i);
      Conversions.widen(logits, from + i, s.x, 0, n);
      sum += RowMath.dot(weights, i, s.x, 0, n);
    }
    return sum;
  }

  @Override
  public void crossEntropyGradient(
      Operand dLoss, Operand logits, ClassTargets targets, Operand dLogits) {
    int cols = targets.cols();
    float[] classes = weights(targets.classWeights(), cols);
    float[] rows = weights(targets.rowWeights(), targets.rows());
    double spread = targets.smoothing() / (double) cols;
    double allClasses = sum(classes);
    double scale = scalar(dLoss) / weight(targets, classes, rows);
    reductions.eachRow(
        targets.rows(),
        cols,
        (row, s) -> {
          int label = label(targets, row);
          long from = (long) row * cols;
          boolean valid = label != targets.ignored() && label >= 0 && label < cols;
          Softmax.RowSum sum = Softmax.sum(logits, from, cols, s);
          double own = valid ? (1.0 - targets.smoothing()) * classes[label] : 0;
          double factor = scale * rows[row];
          double share = factor * (own + spread * allClasses) / sum.exponentials();
          for (int i = 0; i < cols; i += CHUNK) {
            int n = Math.min(CHUNK, cols - i);
            if (cols > CHUNK) {
              Conversions.widen(logits, from + i, s.x, 0, n);
              RowMath.exponentials(s.x, s.y, 0, n, sum.maximum());
            }
            if (valid) {
              double whole = label >= i && label < i + n ? s.y[label - i] : 0;
              subtractShare(s.y, classes, i, n, share, factor * spread);
              if (label >= i && label < i + n) {
                s.y[label - i] = (float) (share * whole - factor * (own + spread * classes[label]));
              }
            } else {
              Arrays.fill(s.y, 0, n, label == targets.ignored() ? 0 : Float.NaN);
            }
            Conversions.narrow(s.y, 0, dLogits, from + i, n, s.halves);
          }
        });
  }

  /** x = share·x − spread·weight, in FP64: the two may nearly be equal. */
  private static void subtractShare(
      float[] x, float[] weights, int first, int n, double share, double spread) {
    for (int i = 0; i < n; i++) {
      x[i] = (float) (share * x[i] - spread * weights[first + i]);
    }
  }

  /** Σ of the weights of the rows that count. */
  private static double weight(ClassTargets targets, float[] classes, float[] rows) {
    double weight = 0;
    for (int row = 0; row < rows.length; row++) {
      int label = label(targets, row);
      if (label != targets.ignored() && label >= 0 && label < classes.length) {
        weight += (double) rows[row] * classes[label];
      }
    }
    return weight;
  }

  private static int label(ClassTargets targets, int row) {
    return targets.labels().data().getAtIndex(JAVA_INT, row);
  }

  private static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  private static float[] weights(@Nullable Operand weights, int count) {
    float[] values = new float[count];
    if (weights == null) {
      Arrays.fill(values, 1);
    } else {
      Conversions.widen(weights, 0, values, 0, count);
    }
    return values;
  }

  @Override
  public void cosine(Operand a, Operand b, Operand y, int rows, int cols, float epsilon) {
    reductions.eachRow(
        rows,
        cols,
        (row, s) -> {
          double[] products = products(a, b, (long) row * cols, cols, s);
          double lengths = atLeast(products[0], epsilon) * atLeast(products[1], epsilon);
          s.x[0] = (float) (products[2] / lengths);
          Conversions.narrow(s.x, 0, y, row, 1, s.halves);
        });
  }

  @Override
  public void cosineGradient(
      Operand dy, Operand a, Operand b, Operand da, int rows, int cols, float epsilon) {
    reductions.eachRow(
        rows,
        cols,
        (row, s) -> {
          long from = (long) row * cols;
          double[] products = products(a, b, from, cols, s);
          double la = atLeast(products[0], epsilon);
          double lb = atLeast(products[1], epsilon);
          Conversions.widen(dy, row, s.z, 0, 1);
          float gradient = s.z[0];
          double along = 1 / (la * lb);
          double back = Math.sqrt(products[0]) > epsilon ? along * products[2] / (la * la) : 0;
          for (int i = 0; i < cols; i += CHUNK) {
            int n = Math.min(CHUNK, cols - i);
            Conversions.widen(a, from + i, s.x, 0, n);
            Conversions.widen(b, from + i, s.y, 0, n);
            for (int j = 0; j < n; j++) {
              s.x[j] = (float) (gradient * (along * s.y[j] - back * s.x[j]));
            }
            Conversions.narrow(s.x, 0, da, from + i, n, s.halves);
          }
        });
  }

  private static double atLeast(double square, float epsilon) {
    return Math.max(Math.sqrt(square), epsilon);
  }

  /** Σ a², Σ b², Σ a·b of a row. */
  private static double[] products(Operand a, Operand b, long from, int cols, Scratch s) {
    double[] sums = new double[3];
    for (int i = 0; i < cols; i += CHUNK) {
      int n = Math.min(CHUNK, cols - i);
      Conversions.widen(a, from + i, s.x, 0, n);
      Conversions.widen(b, from + i, s.y, 0, n);
      sums[0] += RowMath.dot(s.x, 0, s.x, 0, n);
      sums[1] += RowMath.dot(s.y, 0, s.y, 0, n);
      sums[2] += RowMath.dot(s.x, 0, s.y, 0, n);
    }
    return sums;
  }

  private static double scalar(Operand x) {
    float[] value = new float[1];
    Conversions.widen(x, 0, value, 0, 1);
    return value[0];
  }
}
