package dev.mezzo.backend.scalar;

import dev.mezzo.backend.CtcKernels;
import dev.mezzo.backend.CtcLattice;
import dev.mezzo.backend.CtcShape;
import dev.mezzo.backend.Operand;
import java.util.Arrays;

/** Connectionist temporal classification, one sequence after the other. */
final class Ctc implements CtcKernels {

  @Override
  public void loss(CtcShape shape, Operand logits, Operand targets, Operand loss) {
    Batch batch = new Batch(shape, logits, targets);
    double sum = 0;
    for (int b = 0; b < shape.batch(); b++) {
      sum += batch.valid(b) ? -batch.lattice(b).logProbability() / batch.norm(b) : Double.NaN;
    }
    Values.setScalar(loss, (float) (sum / shape.batch()));
  }

  @Override
  public void gradient(
      CtcShape shape, Operand dLoss, Operand logits, Operand targets, Operand dLogits) {
    Batch batch = new Batch(shape, logits, targets);
    double scale = (double) Values.read(dLoss)[0] / shape.batch();
    float[] gradients = new float[Values.length(dLogits)];
    for (int b = 0; b < shape.batch(); b++) {
      double[] of = batch.valid(b) ? batch.lattice(b).gradient() : batch.nothing(b);
      for (int i = 0; i < of.length; i++) {
        int at = (i / shape.classes() * shape.batch() + b) * shape.classes() + i % shape.classes();
        gradients[at] = (float) (scale / batch.norm(b) * of[i]);
      }
    }
    Values.write(gradients, dLogits);
  }

  /** The operands, as arrays. */
  private static final class Batch {
    private final CtcShape shape;
    private final float[] logits;
    private final int[] targets;
    private final int[] times;
    private final int[] lengths;

    Batch(CtcShape shape, Operand logits, Operand targets) {
      this.shape = shape;
      this.logits = Values.read(logits);
      this.targets = Values.readInts(targets);
      this.times = shape.times() == null ? new int[0] : Values.readInts(shape.times());
      this.lengths = shape.lengths() == null ? new int[0] : Values.readInts(shape.lengths());
    }

    private int steps(int b) {
      return times.length == 0 ? shape.time() : Math.clamp(times[b], 0, shape.time());
    }

    private int length(int b) {
      return lengths.length == 0 ? shape.labels() : Math.clamp(lengths[b], 0, shape.labels());
    }

    double norm(int b) {
      return Math.max(1, length(b));
    }

    private int[] target(int b) {
      int from = b * shape.labels();
      return Arrays.copyOfRange(targets, from, from + length(b));
    }

    boolean valid(int b) {
      return Arrays.stream(target(b)).allMatch(label -> label >= 1 && label < shape.classes());
    }

    double[] nothing(int b) {
      double[] nothing = new double[steps(b) * shape.classes()];
      Arrays.fill(nothing, Double.NaN);
      return nothing;
    }

    CtcLattice lattice(int b) {
      double[] own = new double[steps(b) * shape.classes()];
      for (int i = 0; i < own.length; i++) {
        int row = i / shape.classes() * shape.batch() + b;
        own[i] = logits[row * shape.classes() + i % shape.classes()];
      }
      return new CtcLattice(own, shape.classes(), target(b));
    }
  }
}
