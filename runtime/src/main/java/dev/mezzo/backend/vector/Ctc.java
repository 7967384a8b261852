package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.mezzo.backend.CtcKernels;
import dev.mezzo.backend.CtcLattice;
import dev.mezzo.backend.CtcShape;
import dev.mezzo.backend.Operand;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Connectionist temporal classification; a sequence is a task. A lattice has a few thousand states,
 * against millions of multiply-adds of the layers before: it is not worth vectors.
 */
final class Ctc implements CtcKernels {

  private final Workers workers;

  Ctc(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void loss(CtcShape shape, Operand logits, Operand targets, Operand loss) {
    double[] losses = new double[shape.batch()];
    workers.run(
        shape.batch(),
        (b, scratch) -> {
          int[] target = target(shape, targets, b);
          CtcLattice lattice = lattice(shape, logits, target, b, scratch);
          losses[b] =
              lattice == null ? Double.NaN : -lattice.logProbability() / Math.max(1, target.length);
        });
    double sum = 0;
    for (double one : losses) {
      sum += one;
    }
    loss.data().set(JAVA_FLOAT, 0, (float) (sum / shape.batch()));
  }

  @Override
  public void gradient(
      CtcShape shape, Operand dLoss, Operand logits, Operand targets, Operand dLogits) {
    float[] up = new float[1];
    Conversions.widen(dLoss, 0, up, 0, 1);
    workers.run(
        shape.batch(),
        (b, scratch) -> {
          int[] target = target(shape, targets, b);
          CtcLattice lattice = lattice(shape, logits, target, b, scratch);
          double[] gradient = lattice == null ? new double[0] : lattice.gradient();
          double factor = (double) up[0] / shape.batch() / Math.max(1, target.length);
          int steps = steps(shape, b);
          float[] row = scratch.large(0, shape.classes());
          for (int t = 0; t < shape.time(); t++) {
            for (int k = 0; k < shape.classes(); k++) {
              int at = t * shape.classes() + k;
              float slope = at < gradient.length ? (float) (factor * gradient[at]) : Float.NaN;
              row[k] = t < steps ? slope : 0;
            }
            long to = ((long) t * shape.batch() + b) * shape.classes();
            Conversions.narrow(
                row, 0, dLogits, to, shape.classes(), scratch.halves(shape.classes()));
          }
        });
  }

  /** Null where a label is none. */
  private static @Nullable CtcLattice lattice(
      CtcShape shape, Operand logits, int[] target, int b, Scratch scratch) {
    int classes = shape.classes();
    for (int label : target) {
      if (label < 1 || label >= classes) {
        return null;
      }
    }
    int steps = steps(shape, b);
    double[] own = new double[steps * classes];
    float[] row = scratch.large(0, classes);
    for (int t = 0; t < steps; t++) {
      Conversions.widen(logits, ((long) t * shape.batch() + b) * classes, row, 0, classes);
      for (int k = 0; k < classes; k++) {
        own[t * classes + k] = row[k];
      }
    }
    return new CtcLattice(own, classes, target);
  }

  private static int steps(CtcShape shape, int b) {
    return shape.times() == null
        ? shape.time()
        : Math.clamp(shape.times().data().getAtIndex(JAVA_INT, b), 0, shape.time());
  }

  private static int[] target(CtcShape shape, Operand targets, int b) {
    int length =
        shape.lengths() == null
            ? shape.labels()
            : Math.clamp(shape.lengths().data().getAtIndex(JAVA_INT, b), 0, shape.labels());
    int[] target = new int[length];
    Arrays.setAll(target, i -> targets.data().getAtIndex(JAVA_INT, (long) b * shape.labels() + i));
    return target;
  }
}
