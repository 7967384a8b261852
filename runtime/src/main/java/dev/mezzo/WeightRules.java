package dev.mezzo;

import dev.mezzo.optim.Optimizer;
import dev.mezzo.optim.Schedule;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How each weight follows its gradient: by the rule of the first group that it is in, or by that of
 * all others. {@link TrainingBuilder} collects them.
 */
public final class WeightRules {

  private final Optimizer others;
  private final List<WeightGroup> groups;
  private final List<Schedule> schedules;

  /**
   * The rules.
   *
   * @param others that of weights in no group
   */
  WeightRules(Optimizer others, List<WeightGroup> groups) {
    this.others = others;
    this.groups = List.copyOf(groups);
    Set<Schedule> all = new LinkedHashSet<>();
    all.add(others.schedule());
    for (WeightGroup group : groups) {
      Optimizer rule = group.optimizer();
      if (rule != null) {
        all.add(rule.schedule());
      }
    }
    this.schedules = List.copyOf(all);
  }

  /** All schedules, each once, that of weights in no group first. */
  List<Schedule> schedules() {
    return schedules;
  }

  /** Which of {@link #schedules} a rule has; the first for none. */
  int schedule(@Nullable Optimizer rule) {
    return rule == null ? 0 : schedules.indexOf(rule.schedule());
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
