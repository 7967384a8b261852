package dev.mezzo.backend.scalar;

import dev.mezzo.backend.ClassTargets;
import dev.mezzo.backend.LossKernels;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.PairLoss;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Losses and their gradients, an element at a time in double. */
final class RowLosses implements LossKernels {

  @Override
  public void pairs(PairLoss function, Operand x, Operand target, Operand loss, double factor) {
    float[] values = Values.read(x);
    float[] targets = Values.read(target);
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += function.value(values[i], targets[i]);
    }
    Values.setScalar(loss, (float) (sum * factor));
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
    float[] values = Values.read(x);
    float[] targets = Values.read(target);
    double scale = Values.read(dLoss)[0] * factor;
    for (int i = 0; i < values.length; i++) {
      double slope =
          byTarget
              ? function.targetSlope(values[i], targets[i])
              : function.slope(values[i], targets[i]);
      values[i] = (float) (scale * slope);
    }
    Values.write(values, dx);
  }

  @Override
  public void crossEntropy(Operand logits, ClassTargets targets, Operand loss) {
    float[] values = Values.read(logits);
    int[] labels = Values.readInts(targets.labels());
    float[] classes = weights(targets.classWeights(), targets.cols());
    float[] rows = weights(targets.rowWeights(), targets.rows());
    double sum = 0;
    double weight = 0;
    for (int row = 0; row < labels.length; row++) {
      int label = labels[row];
      if (label == targets.ignored()) {
        continue;
      }
      if (label < 0 || label >= targets.cols()) {
        sum = Double.NaN;
        break;
      }
      int from = row * targets.cols();
      double maximum = Softmax.maximum(values, from, targets.cols());
      double all =
          maximum + Math.log(Softmax.sumOfExponentials(values, from, targets.cols(), maximum));
      double smooth = 0;
      for (int col = 0; targets.smoothing() != 0 && col < targets.cols(); col++) {
        smooth += classes[col] * (all - values[from + col]);
      }
      double own = classes[label] * (all - values[from + label]);
      sum +=
          rows[row]
              * ((1.0 - targets.smoothing()) * own
                  + targets.smoothing() / (double) targets.cols() * smooth);
      weight += (double) rows[row] * classes[label];
    }
    Values.setScalar(loss, (float) (sum / weight));
  }

  @Override
  public void crossEntropyGradient(
      Operand dLoss, Operand logits, ClassTargets targets, Operand dLogits) {
    float[] values = Values.read(logits);
    int[] labels = Values.readInts(targets.labels());
    float[] classes = weights(targets.classWeights(), targets.cols());
    float[] rows = weights(targets.rowWeights(), targets.rows());
    double weight = 0;
    double allClasses = 0;
    for (float one : classes) {
      allClasses += one;
    }
    for (int row = 0; row < labels.length; row++) {
      if (labels[row] != targets.ignored() && labels[row] >= 0 && labels[row] < targets.cols()) {
        weight += (double) rows[row] * classes[labels[row]];
      }
    }
    double spread = targets.smoothing() / (double) targets.cols();
    for (int row = 0; row < labels.length; row++) {
      int from = row * targets.cols();
      int label = labels[row];
      if (label == targets.ignored() || label < 0 || label >= targets.cols()) {
        Arrays.fill(
            values, from, from + targets.cols(), label == targets.ignored() ? 0 : Float.NaN);
        continue;
      }
      double scale = Values.read(dLoss)[0] * rows[row] / weight;
      double own = (1.0 - targets.smoothing()) * classes[label];
      double maximum = Softmax.maximum(values, from, targets.cols());
      double sum = Softmax.sumOfExponentials(values, from, targets.cols(), maximum);
      for (int col = 0; col < targets.cols(); col++) {
        double p = Math.exp(values[from + col] - maximum) / sum;
        double expected = spread * classes[col] + (col == label ? own : 0);
        values[from + col] = (float) (scale * ((own + spread * allClasses) * p - expected));
      }
    }
    Values.write(values, dLogits);
  }

  private static float[] weights(@Nullable Operand weights, int count) {
    if (weights != null) {
      return Values.read(weights);
    }
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  @Override
  public void cosine(Operand a, Operand b, Operand y, int rows, int cols, float epsilon) {
    float[] left = Values.read(a);
    float[] right = Values.read(b);
    float[] cosines = new float[rows];
    for (int row = 0; row < rows; row++) {
      double length =
          Math.max(length(left, row, cols), epsilon) * Math.max(length(right, row, cols), epsilon);
      cosines[row] = (float) (dot(left, right, row, cols) / length);
    }
    Values.write(cosines, y);
  }

  @Override
  public void cosineGradient(
      Operand dy, Operand a, Operand b, Operand da, int rows, int cols, float epsilon) {
    float[] gradients = Values.read(dy);
    float[] left = Values.read(a);
    float[] right = Values.read(b);
    float[] values = new float[left.length];
    for (int row = 0; row < rows; row++) {
      double la = length(left, row, cols);
      double ma = Math.max(la, epsilon);
      double mb = Math.max(length(right, row, cols), epsilon);
      double back = la > epsilon ? dot(left, right, row, cols) / (ma * ma * ma * mb) : 0;
      for (int i = row * cols; i < (row + 1) * cols; i++) {
        values[i] = (float) (gradients[row] * (right[i] / (ma * mb) - back * left[i]));
      }
    }
    Values.write(values, da);
  }

  private static double length(float[] x, int row, int cols) {
    return Math.sqrt(dot(x, x, row, cols));
  }

  private static double dot(float[] a, float[] b, int row, int cols) {
    double sum = 0;
    for (int i = row * cols; i < (row + 1) * cols; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
