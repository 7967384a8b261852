package dev.mezzo.backend.scalar;

import dev.mezzo.backend.AdamWStep;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.SgdStep;
import dev.mezzo.backend.StepControl;
import dev.mezzo.scaling.LossScale;
import org.jspecify.annotations.Nullable;

/**
 * The optimizers' step, in FP32 arithmetic, operation by operation as the records' formulas are
 * written.
 */
final class Updates {

  private Updates() {}

  static void checkFinite(Operand gradient, StepControl control, int index) {
    float scale = Values.scalar(control.scale());
    double squares = 0;
    boolean finite = true;
    for (float value : Values.read(gradient)) {
      finite &= Float.isFinite(value);
      double unscaled = (double) value / scale;
      squares += unscaled * unscaled;
    }
    if (!finite) {
      Values.setIntScalar(control.flags().slice(index, 1), 1);
    }
    Values.setScalar(control.squares(), (float) (Values.scalar(control.squares()) + squares));
  }

  static void begin(StepControl control, float maxNorm) {
    boolean overflow = false;
    for (int flag : Values.readInts(control.flags())) {
      overflow |= flag != 0;
    }
    Values.setIntScalar(control.overflow(), overflow ? 1 : 0);
    double factor = 1.0 / Values.scalar(control.scale());
    if (Float.isFinite(maxNorm)) {
      factor *= Math.min(1, maxNorm / Math.sqrt(Values.scalar(control.squares())));
    }
    Values.setScalar(control.factor(), (float) factor);
    if (!overflow) {
      int applied = Values.intScalar(control.applied()) + 1;
      Values.setIntScalar(control.applied(), applied);
      long entry = (applied - 1) % control.rates().size();
      Values.setScalar(control.rate(), Values.scalar(control.rates().slice(entry, 1)));
    }
  }

  static void sgd(SgdStep step) {
    StepControl control = step.control();
    if (Values.intScalar(control.overflow()) != 0) {
      return;
    }
    float factor = Values.scalar(control.factor());
    float rate = Values.scalar(control.rate());
    float[] gradients = Values.read(step.gradient());
    float[] weights = Values.read(step.master());
    float[] velocities =
        step.velocity() == null ? new float[weights.length] : Values.read(step.velocity());
    for (int i = 0; i < weights.length; i++) {
      float g = gradients[i] * factor + step.weightDecay() * weights[i];
      float v = step.momentum() * velocities[i] + g;
      velocities[i] = v;
      weights[i] -= rate * (step.nesterov() ? g + step.momentum() * v : v);
    }
    if (step.velocity() != null) {
      Values.write(velocities, step.velocity());
    }
    store(weights, step.master(), step.shadow());
  }

  static void adamW(AdamWStep step) {
    StepControl control = step.control();
    if (Values.intScalar(control.overflow()) != 0) {
      return;
    }
    float factor = Values.scalar(control.factor());
    float rate = Values.scalar(control.rate());
    int applied = Values.intScalar(control.applied());
    float meanCorrection = (float) (1 - Math.pow(step.beta1(), applied));
    float varianceCorrection = (float) (1 - Math.pow(step.beta2(), applied));
    float[] gradients = Values.read(step.gradient());
    float[] weights = Values.read(step.master());
    float[] means = Values.read(step.mean());
    float[] variances = Values.read(step.variance());
    for (int i = 0; i < weights.length; i++) {
      float g = gradients[i] * factor;
      means[i] = step.beta1() * means[i] + (1 - step.beta1()) * g;
      variances[i] = step.beta2() * variances[i] + (1 - step.beta2()) * g * g;
      float mean = means[i] / meanCorrection;
      float root = (float) Math.sqrt(variances[i] / varianceCorrection);
      weights[i] -= rate * (mean / (root + step.epsilon()) + step.weightDecay() * weights[i]);
    }
    Values.write(means, step.mean());
    Values.write(variances, step.variance());
    store(weights, step.master(), step.shadow());
  }

  static void end(StepControl control, LossScale rule) {
    Operand goodSteps = control.scaleCounters().slice(0, 1);
    Operand overflows = control.scaleCounters().slice(1, 1);
    LossScale now =
        rule.with(
            Values.scalar(control.scale()),
            Values.intScalar(goodSteps),
            Values.intScalar(overflows));
    LossScale next = now.next(Values.intScalar(control.overflow()) == 0);
    Values.setScalar(control.scale(), next.scale());
    Values.setIntScalar(goodSteps, next.goodSteps());
    Values.setIntScalar(overflows, next.overflows());
  }

  /**
   * The shadow is the stored master rounded: where the master is 16-bit itself, its value after
   * rounding.
   */
  private static void store(float[] weights, Operand master, @Nullable Operand shadow) {
    Values.write(weights, master);
    if (shadow != null) {
      Values.write(Values.read(master), shadow);
    }
  }
}
