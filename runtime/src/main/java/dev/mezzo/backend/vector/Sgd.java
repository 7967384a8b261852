package dev.mezzo.backend.vector;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.SgdStep;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * One weight's SGD update, operation by operation as {@link SgdStep}'s formulas are written.
 *
 * <p>With momentum and an FP32 master, which is how weights are trained, master and velocity are
 * updated where they lie: the step is bound by memory, and copying them through an array would add
 * a third to its time.
 */
final class Sgd {

  private static final int LANES = Lanes.COUNT;

  private final SgdStep step;
  private final float factor;
  private final float rate;

  Sgd(SgdStep step, float factor, float rate) {
    this.step = step;
    this.factor = factor;
    this.rate = rate;
  }

  void run(Workers workers) {
    Operand velocity = step.velocity();
    boolean inPlace = step.master().dtype() == DType.FP32;
    Chunks.run(
        workers,
        step.master().size(),
        (from, n, s) -> {
          Conversions.widen(step.gradient(), from, s.x, 0, n);
          if (velocity != null && inPlace) {
            inPlace(step.master(), velocity, from, n, s);
          } else {
            copied(step.master(), velocity, from, n, s);
          }
        });
  }

  private void inPlace(Operand master, Operand velocity, long from, int n, Scratch s) {
    int whole = n - n % LANES;
    MemorySegment weights = master.data();
    MemorySegment velocities = velocity.data();
    if (step.nesterov()) {
      nesterov(s.x, weights, velocities, from * 4, s.y, whole);
    } else {
      momentum(s.x, weights, velocities, from * 4, s.y, whole);
    }
    Operand shadow = step.shadow();
    if (shadow != null) {
      Conversions.narrow(s.y, 0, shadow, from, whole, s.halves);
    }
    if (whole < n) {
      System.arraycopy(s.x, whole, s.x, 0, n - whole);
      copied(master, velocity, from + whole, n - whole, s);
    }
  }

  /** The gradients are in x; the new weights also go to {@code copy}. */
  private void momentum(
      float[] x, MemorySegment weights, MemorySegment velocities, long at, float[] copy, int n) {
    float momentum = step.momentum();
    float decay = step.weightDecay();
    for (int i = 0; i < n; i += LANES) {
      long o = at + 4L * i;
      FloatVector w = FloatVector.fromMemorySegment(Lanes.FLOATS, weights, o, Lanes.ORDER);
      FloatVector v = FloatVector.fromMemorySegment(Lanes.FLOATS, velocities, o, Lanes.ORDER);
      FloatVector g = FloatVector.fromArray(Lanes.FLOATS, x, i).mul(factor).add(w.mul(decay));
      v = v.mul(momentum).add(g);
      w = w.sub(v.mul(rate));
      v.intoMemorySegment(velocities, o, Lanes.ORDER);
      w.intoMemorySegment(weights, o, Lanes.ORDER);
      w.intoArray(copy, i);
    }
  }

  private void nesterov(
      float[] x, MemorySegment weights, MemorySegment velocities, long at, float[] copy, int n) {
    float momentum = step.momentum();
    float decay = step.weightDecay();
    for (int i = 0; i < n; i += LANES) {
      long o = at + 4L * i;
      FloatVector w = FloatVector.fromMemorySegment(Lanes.FLOATS, weights, o, Lanes.ORDER);
      FloatVector v = FloatVector.fromMemorySegment(Lanes.FLOATS, velocities, o, Lanes.ORDER);
      FloatVector g = FloatVector.fromArray(Lanes.FLOATS, x, i).mul(factor).add(w.mul(decay));
      v = v.mul(momentum).add(g);
      w = w.sub(g.add(v.mul(momentum)).mul(rate));
      v.intoMemorySegment(velocities, o, Lanes.ORDER);
      w.intoMemorySegment(weights, o, Lanes.ORDER);
      w.intoArray(copy, i);
    }
  }

  private void copied(Operand master, @Nullable Operand velocity, long from, int n, Scratch s) {
    Conversions.widen(master, from, s.y, 0, n);
    if (velocity == null) {
      plain(s.x, s.y, n);
    } else {
      Conversions.widen(velocity, from, s.z, 0, n);
      withMomentum(s.x, s.y, s.z, n);
      Conversions.narrow(s.z, 0, velocity, from, n, s.halves);
    }
    Updates.store(s.y, master, step.shadow(), from, n, s);
  }

  private void plain(float[] x, float[] w, int n) {
    float decay = step.weightDecay();
    for (int i = 0; i < n; i++) {
      w[i] -= rate * (x[i] * factor + decay * w[i]);
    }
  }

  private void withMomentum(float[] x, float[] w, float[] v, int n) {
    float momentum = step.momentum();
    float decay = step.weightDecay();
    boolean nesterov = step.nesterov();
    for (int i = 0; i < n; i++) {
      float g = x[i] * factor + decay * w[i];
      float velocity = momentum * v[i] + g;
      v[i] = velocity;
      w[i] -= rate * (nesterov ? g + momentum * velocity : velocity);
    }
  }
}
