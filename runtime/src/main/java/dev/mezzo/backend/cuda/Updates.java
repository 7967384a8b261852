package dev.mezzo.backend.cuda;

import dev.mezzo.backend.AdamWStep;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.SgdStep;
import dev.mezzo.backend.StepControl;
import dev.mezzo.scaling.LossScale;

/** Starts the kernels of {@code updates.cu}. */
final class Updates {

  private final Kernels kernels;

  Updates(Kernels kernels) {
    this.kernels = kernels;
  }

  void checkFinite(Operand gradient, StepControl control, long index) {
    long size = gradient.size();
    kernels.eights("checkFinite", size, gradient, size, struct(control), index, kernels.parts());
  }

  void begin(StepControl control, float maxNorm) {
    kernels.blocks("beginUpdate", 1, struct(control), maxNorm);
  }

  void sgd(SgdStep step) {
    long size = step.master().size();
    kernels.eights(
        "sgd",
        size,
        step.gradient(),
        step.velocity(),
        step.master(),
        step.shadow(),
        size,
        struct(step.control()),
        step.momentum(),
        step.nesterov() ? 1 : 0,
        step.weightDecay());
  }

  void adamW(AdamWStep step) {
    long size = step.master().size();
    kernels.eights(
        "adamW",
        size,
        step.gradient(),
        step.mean(),
        step.variance(),
        step.master(),
        step.shadow(),
        size,
        struct(step.control()),
        new float[] {step.beta1(), step.beta2(), step.epsilon(), step.weightDecay()});
  }

  void end(StepControl control, LossScale rule) {
    Struct struct =
        new Struct()
            .add(rule.growth())
            .add(rule.backoff())
            .add(rule.floor())
            .add(rule.ceiling())
            .add(rule.interval())
            .add(rule.hysteresis());
    kernels.each("endUpdate", 1, struct(control), struct.value());
  }

  /** The struct {@code Control}. */
  private static long[] struct(StepControl control) {
    return new long[] {
      control.flags().data().address(),
      control.squares().data().address(),
      control.overflow().data().address(),
      control.factor().data().address(),
      control.applied().data().address(),
      control.rates().data().address(),
      control.rate().data().address(),
      control.scale().data().address(),
      control.scaleCounters().data().address(),
      control.flags().size(),
      control.rates().size()
    };
  }
}
