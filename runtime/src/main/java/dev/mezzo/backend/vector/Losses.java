package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.mezzo.backend.Operand;
import java.util.Arrays;

/**
 * Losses, in one pass over their operands, and their gradients, in another. Sums over rows in FP64,
 * in order.
 */
final class Losses {

  private static final int CHUNK = Scratch.CHUNK;

  private final Workers workers;
  private final Reductions reductions;

  Losses(Workers workers, Reductions reductions) {
    this.workers = workers;
    this.reductions = reductions;
  }

  void crossEntropy(Operand logits, Operand labels, Operand loss, int rows, int cols) {
    double[] losses = new double[rows];
    reductions.eachRow(
        rows,
        cols,
        (row, s) -> {
          int label = labels.data().getAtIndex(JAVA_INT, row);
          if (label < 0 || label >= cols) {
            losses[row] = Double.NaN;
            return;
          }
          long from = (long) row * cols;
          double all = Softmax.sum(logits, from, cols, s).logarithm();
          Conversions.widen(logits, from + label, s.x, 0, 1);
          losses[row] = all - s.x[0];
        });
    double sum = 0;
    for (double one : losses) {
      sum += one;
    }
    setScalar(loss, sum / rows);
  }

  void crossEntropyGradient(
      Operand dLoss, Operand logits, Operand labels, Operand dLogits, int rows, int cols) {
    float factor = scalar(dLoss) / rows;
    reductions.eachRow(
        rows,
        cols,
        (row, s) -> {
          int label = labels.data().getAtIndex(JAVA_INT, row);
          boolean valid = label >= 0 && label < cols;
          long from = (long) row * cols;
          Softmax.RowSum sum = Softmax.sum(logits, from, cols, s);
          float scaled = valid ? (float) (factor / sum.exponentials()) : Float.NaN;
          for (int i = 0; i < cols; i += CHUNK) {
            int n = Math.min(CHUNK, cols - i);
            if (cols > CHUNK) {
              Conversions.widen(logits, from + i, s.x, 0, n);
              RowMath.exponentials(s.x, s.y, 0, n, sum.maximum());
            }
            if (valid) {
              float own = label >= i && label < i + n ? s.y[label - i] : 0;
              ElementWise.scale(s.y, scaled, n);
              if (label >= i && label < i + n) {
                s.y[label - i] = (float) (factor * (own / sum.exponentials() - 1));
              }
            } else {
              Arrays.fill(s.y, 0, n, Float.NaN);
            }
            Conversions.narrow(s.y, 0, dLogits, from + i, n, s.halves);
          }
        });
  }

  void meanSquaredError(Operand x, Operand target, Operand loss) {
    double sum =
        Chunks.sum(
            workers,
            x.size(),
            (from, n, s) -> {
              difference(x, target, from, n, s);
              return RowMath.dot(s.x, 0, s.x, 0, n);
            });
    setScalar(loss, sum / x.size());
  }

  void meanSquaredErrorGradient(Operand dLoss, Operand x, Operand target, Operand dx) {
    float factor = (float) (scalar(dLoss) * 2.0 / x.size());
    Chunks.run(
        workers,
        x.size(),
        (from, n, s) -> {
          difference(x, target, from, n, s);
          ElementWise.scale(s.x, factor, n);
          Conversions.narrow(s.x, 0, dx, from, n, s.halves);
        });
  }

  private static void difference(Operand x, Operand target, long from, int n, Scratch s) {
    Conversions.widen(x, from, s.x, 0, n);
    Conversions.widen(target, from, s.y, 0, n);
    ElementWise.subtract(s.x, s.y, n);
  }

  private static float scalar(Operand x) {
    float[] value = new float[1];
    Conversions.widen(x, 0, value, 0, 1);
    return value[0];
  }

  private static void setScalar(Operand y, double value) {
    y.data().set(JAVA_FLOAT, 0, (float) value);
  }
}
