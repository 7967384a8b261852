package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Closes every tensor that a program owns right after its last use (saves that follow come first:
 * they read better together); what it returns belongs to the caller.
 */
final class Lifetimes {
  private Lifetimes() {}

  static List<Step> close(List<Step> steps) {
    Map<Value, Integer> lastUse = new LinkedHashMap<>();
    Map<Value, Need> present = new HashMap<>();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      int index = i;
      step.owns()
          .ifPresent(
              value -> {
                lastUse.put(value, index);
                present.put(value, present(step));
              });
      step.uses().forEach(value -> lastUse.computeIfPresent(value, (v, last) -> index));
    }
    List<Step> closed = new ArrayList<>();
    List<Step> due = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      if (!(steps.get(i) instanceof Step.Save)) {
        closed.addAll(due);
        due.clear();
      }
      closed.add(steps.get(i));
      for (Map.Entry<Value, Integer> last : lastUse.entrySet()) {
        if (last.getValue() == i) {
          Need need = present.getOrDefault(last.getKey(), Need.ALWAYS);
          due.add(new Step.Close(last.getKey(), need));
        }
      }
    }
    return closed;
  }

  private static Need present(Step owner) {
    return owner instanceof Step.Compute compute ? compute.present() : owner.need();
  }
}
