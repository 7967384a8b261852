package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.mezzo.backend.AdamWStep;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.SgdStep;
import dev.mezzo.backend.StepControl;
import dev.mezzo.scaling.LossScale;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * The optimizers' step: a pass over the gradients that looks for overflow, and a pass that updates
 * the weights and writes their shadows.
 */
final class Updates {

  private static final int LANES = Lanes.COUNT;

  private final Workers workers;

  Updates(Workers workers) {
    this.workers = workers;
  }

  void checkFinite(Operand gradient, StepControl control, int index) {
    float inverse = 1 / number(control.scale());
    AtomicBoolean found = new AtomicBoolean();
    double squares =
        Chunks.sum(
            workers,
            gradient.size(),
            (from, n, s) -> {
              Conversions.widen(gradient, from, s.x, 0, n);
              Arrays.fill(s.x, n, (n + 4 * LANES - 1) / (4 * LANES) * (4 * LANES), 0f);
              double sum = squares(s.x, inverse, n);
              if (!Double.isFinite(sum) && !finite(s.x, n)) { // else the squares were too large
                found.set(true);
              }
              return sum;
            });
    if (found.get()) {
      control.flags().data().setAtIndex(JAVA_INT, index, 1);
    }
    setNumber(control.squares(), (float) (number(control.squares()) + squares));
  }

  /** 0·x is 0 for a finite number, NaN for any other. */
  private static boolean finite(float[] x, int n) {
    FloatVector zero = FloatVector.zero(Lanes.FLOATS);
    FloatVector sum = zero;
    for (int i = 0; i < n; i += LANES) {
      sum = fromArray(FLOATS, x, i).fma(zero, sum);
    }
    return sum.eq(sum).allTrue();
  }

  private static double squares(float[] x, float factor, int n) {
    FloatVector a = FloatVector.zero(Lanes.FLOATS);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    for (int i = 0; i < n; i += 4 * LANES) {
      FloatVector v = fromArray(FLOATS, x, i).mul(factor);
      a = v.fma(v, a);
      v = fromArray(FLOATS, x, i + LANES).mul(factor);
      b = v.fma(v, b);
      v = fromArray(FLOATS, x, i + 2 * LANES).mul(factor);
      c = v.fma(v, c);
      v = fromArray(FLOATS, x, i + 3 * LANES).mul(factor);
      d = v.fma(v, d);
    }
    return Lanes.sum(a.add(b).add(c.add(d)));
  }

  void begin(StepControl control, float maxNorm) {
    boolean overflow = false;
    for (long i = 0; i < control.flags().size(); i++) {
      overflow |= control.flags().data().getAtIndex(JAVA_INT, i) != 0;
    }
    setInteger(control.overflow(), overflow ? 1 : 0);
    double factor = 1.0 / number(control.scale());
    if (Float.isFinite(maxNorm)) {
      factor *= Math.min(1, maxNorm / Math.sqrt(number(control.squares())));
    }
    setNumber(control.factor(), (float) factor);
    if (!overflow) {
      int applied = integer(control.applied()) + 1;
      setInteger(control.applied(), applied);
      long entry = (applied - 1) % control.rates().size();
      setNumber(control.rate(), control.rates().data().getAtIndex(JAVA_FLOAT, entry));
    }
  }

  void sgd(SgdStep step) {
    StepControl control = step.control();
    if (integer(control.overflow()) == 0) {
      new Sgd(step, number(control.factor()), number(control.rate())).run(workers);
    }
  }

  void adamW(AdamWStep step) {
    StepControl control = step.control();
    if (integer(control.overflow()) != 0) {
      return;
    }
    AdamWNumbers numbers = AdamWNumbers.of(step);
    Chunks.run(
        workers,
        step.master().size(),
        (from, n, s) -> {
          Conversions.widen(step.gradient(), from, s.x, 0, n);
          Conversions.widen(step.master(), from, s.y, 0, n);
          Conversions.widen(step.mean(), from, s.z, 0, n);
          Conversions.widen(step.variance(), from, s.w, 0, n);
          numbers.update(s.x, s.y, s.z, s.w, n);
          Conversions.narrow(s.z, 0, step.mean(), from, n, s.halves);
          Conversions.narrow(s.w, 0, step.variance(), from, n, s.halves);
          store(s.y, step.master(), step.shadow(), from, n, s);
        });
  }

  /** AdamW's numbers that are the same for all elements. */
  private record AdamWNumbers(
      float factor,
      float rate,
      float meanInverse,
      float varianceInverse,
      float beta1,
      float beta2,
      float epsilon,
      float decay) {

    static AdamWNumbers of(AdamWStep step) {
      int applied = integer(step.control().applied());
      return new AdamWNumbers(
          number(step.control().factor()),
          number(step.control().rate()),
          (float) (1 / (1 - Math.pow(step.beta1(), applied))),
          (float) (1 / (1 - Math.pow(step.beta2(), applied))),
          step.beta1(),
          step.beta2(),
          step.epsilon(),
          step.weightDecay());
    }

    void update(float[] gradient, float[] weight, float[] mean, float[] variance, int n) {
      float b1 = beta1;
      float b2 = beta2;
      float rest1 = 1 - b1;
      float rest2 = 1 - b2;
      for (int i = 0; i < n; i += LANES) { // beyond n is garbage that nobody reads
        FloatVector g = fromArray(FLOATS, gradient, i).mul(factor);
        FloatVector m = fromArray(FLOATS, mean, i).mul(b1).add(g.mul(rest1));
        FloatVector v = fromArray(FLOATS, variance, i).mul(b2).add(g.mul(rest2).mul(g));
        m.intoArray(mean, i);
        v.intoArray(variance, i);
        FloatVector root = v.mul(varianceInverse).sqrt().add(epsilon);
        FloatVector w = fromArray(FLOATS, weight, i);
        w.sub(m.mul(meanInverse).div(root).add(w.mul(decay)).mul(rate)).intoArray(weight, i);
      }
    }
  }

  void end(StepControl control, LossScale rule) {
    var counters = control.scaleCounters().data();
    int goodSteps = counters.getAtIndex(JAVA_INT, 0);
    int overflows = counters.getAtIndex(JAVA_INT, 1);
    LossScale now = rule.with(number(control.scale()), goodSteps, overflows);
    LossScale next = now.next(integer(control.overflow()) == 0);
    setNumber(control.scale(), next.scale());
    counters.setAtIndex(JAVA_INT, 0, next.goodSteps());
    counters.setAtIndex(JAVA_INT, 1, next.overflows());
  }

  /** The shadow is the stored master rounded: a 16-bit master's value after its own rounding. */
  static void store(
      float[] weights, Operand master, @Nullable Operand shadow, long from, int n, Scratch s) {
    Conversions.narrow(weights, 0, master, from, n, s.halves);
    if (shadow != null) {
      if (master.dtype().isHalf()) {
        Conversions.widen(master, from, weights, 0, n);
      }
      Conversions.narrow(weights, 0, shadow, from, n, s.halves);
    }
  }

  private static float number(Operand x) {
    return x.data().get(JAVA_FLOAT, 0);
  }

  private static void setNumber(Operand y, float value) {
    y.data().set(JAVA_FLOAT, 0, value);
  }

  private static int integer(Operand x) {
    return x.data().get(JAVA_INT, 0);
  }

  private static void setInteger(Operand y, int value) {
    y.data().set(JAVA_INT, 0, value);
  }
}
