package dev.mezzo;

import dev.mezzo.optim.Optimizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How each weight follows its gradient: by the rule of the first group that it is in, or by that of
 * all others. {@link TrainingBuilder} collects them.
 */
public final class WeightRules {

  private final Optimizer others;
  private final List<WeightGroup> groups;

  /**
   * The rules.
   *
   * @throws IllegalStateException if a group has another schedule: a step has one learning rate
   */
  WeightRules(Optimizer others, List<WeightGroup> groups) {
    this.others = others;
    this.groups = List.copyOf(groups);
    for (WeightGroup group : groups) {
      Optimizer rule = group.optimizer();
      if (rule != null && !rule.schedule().equals(others.schedule())) {
        throw new IllegalStateException(
            "a group of weights has a schedule of its own, but a step has one learning rate; make the group's optimizer from the other, as in optimizer.withWeightDecay(0), or give both the same Schedule object");
      }
    }
  }

  /** The rule of a weight; null where it is frozen. */
  @Nullable Optimizer of(WeightPlace weight) {
    for (WeightGroup group : groups) {
      if (group.of().test(weight)) {
        return group.optimizer();
      }
    }
    return others;
  }
}
