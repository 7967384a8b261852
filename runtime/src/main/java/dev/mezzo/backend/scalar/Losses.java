package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Operand;
import java.util.Arrays;

/** Losses and their gradients. */
final class Losses {

  private Losses() {}

  static void crossEntropy(Operand logits, Operand labels, Operand loss, int rows, int cols) {
    float[] values = Values.read(logits);
    int[] classes = Values.readInts(labels);
    double sum = 0;
    for (int row = 0; row < rows; row++) {
      if (classes[row] < 0 || classes[row] >= cols) {
        sum = Double.NaN;
        break;
      }
      int from = row * cols;
      double maximum = Softmax.maximum(values, from, cols);
      double exponentials = Softmax.sumOfExponentials(values, from, cols, maximum);
      sum += Math.log(exponentials) + maximum - values[from + classes[row]];
    }
    Values.setScalar(loss, (float) (sum / rows));
  }

  static void crossEntropyGradient(
      Operand dLoss, Operand logits, Operand labels, Operand dLogits, int rows, int cols) {
    float[] values = Values.read(logits);
    int[] classes = Values.readInts(labels);
    double factor = (double) Values.read(dLoss)[0] / rows;
    for (int row = 0; row < rows; row++) {
      int from = row * cols;
      if (classes[row] < 0 || classes[row] >= cols) {
        Arrays.fill(values, from, from + cols, Float.NaN);
        continue;
      }
      double maximum = Softmax.maximum(values, from, cols);
      double exponentials = Softmax.sumOfExponentials(values, from, cols, maximum);
      for (int col = 0; col < cols; col++) {
        double probability = Math.exp(values[from + col] - maximum) / exponentials;
        double expected = col == classes[row] ? 1 : 0;
        values[from + col] = (float) (factor * (probability - expected));
      }
    }
    Values.write(values, dLogits);
  }

  static void meanSquaredError(Operand x, Operand target, Operand loss) {
    float[] values = Values.read(x);
    float[] targets = Values.read(target);
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      double difference = (double) values[i] - targets[i];
      sum += difference * difference;
    }
    Values.setScalar(loss, (float) (sum / values.length));
  }

  static void meanSquaredErrorGradient(Operand dLoss, Operand x, Operand target, Operand dx) {
    float[] values = Values.read(x);
    float[] targets = Values.read(target);
    double factor = Values.read(dLoss)[0] * 2.0 / values.length;
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (factor * ((double) values[i] - targets[i]));
    }
    Values.write(values, dx);
  }
}
