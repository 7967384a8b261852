package dev.mezzo.backend.cuda;

import dev.mezzo.backend.AdamWStep;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.SgdStep;
import dev.mezzo.backend.StepControl;
import dev.mezzo.scaling.LossScale;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Starts the kernels of {@code updates.cu}. Weights are taken together, those of equal settings in
 * one start: it is put off until something else comes, or no more fit into it.
 */
final class Updates {

  private final Kernels kernels;
  private final Map<Settings, WeightList> waiting = new LinkedHashMap<>();
  private final Set<Long> masters = new HashSet<>();

  Updates(Kernels kernels) {
    this.kernels = kernels;
  }

  void checkFinite(Operand gradient, StepControl control, long index) {
    MemorySegment flag = control.flags().slice(index, 1).data();
    join(
        new Settings("checkFinite", control, List.of()),
        new WeightList.Weight(gradient, flag, null, null, null));
  }

  void begin(StepControl control, float maxNorm) {
    kernels.blocks("beginUpdate", 1, struct(control), maxNorm);
  }

  void sgd(SgdStep step) {
    Operand velocity = step.velocity();
    join(
        new Settings(
            "sgd",
            step.control(),
            List.of(step.momentum(), step.nesterov() ? 1 : 0, step.weightDecay())),
        new WeightList.Weight(
            step.gradient(),
            velocity == null ? null : velocity.data(),
            null,
            step.master(),
            step.shadow()));
  }

  void adamW(AdamWStep step) {
    join(
        new Settings(
            "adamW",
            step.control(),
            List.of(step.beta1(), step.beta2(), step.epsilon(), step.weightDecay())),
        new WeightList.Weight(
            step.gradient(),
            step.mean().data(),
            step.variance().data(),
            step.master(),
            step.shadow()));
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

  private void join(Settings settings, WeightList.Weight weight) {
    Operand master = weight.master();
    if (master != null && !masters.add(master.data().address())) {
      start(); // a weight's steps are one after the other
      masters.add(master.data().address());
    }
    if (waiting.isEmpty()) {
      kernels.putOff(this::start);
    }
    WeightList list = waiting.computeIfAbsent(settings, ignored -> new WeightList());
    list.add(weight);
    if (list.isFull()) {
      start();
    }
  }

  private void start() {
    Map<Settings, WeightList> lists = new LinkedHashMap<>(waiting);
    waiting.clear();
    masters.clear();
    lists.forEach(this::start);
  }

  private void start(Settings settings, WeightList list) {
    List<@Nullable Object> arguments = new ArrayList<>();
    arguments.add(list.struct());
    arguments.add(struct(settings.control));
    arguments.addAll(settings.numbers);
    if (settings.kernel.equals("checkFinite")) {
      arguments.add(kernels.parts());
    }
    kernels.blocks(settings.kernel, list.chunks(), arguments.toArray());
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

  /**
   * What weights of one start have in common.
   *
   * @param numbers arguments of the kernel behind the control
   */
  private record Settings(String kernel, StepControl control, List<Number> numbers) {}
}
