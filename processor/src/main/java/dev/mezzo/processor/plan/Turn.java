package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The end of a pass: what is carried gets its next value, all at once. */
final class Turn {
  private Turn() {}

  /**
   * Assignments of shares in an order in which none reads what another one has overwritten; where
   * there is no such order ({@code a} becomes {@code b} and {@code b} becomes {@code a}), with a
   * variable between. What stays as it is comes last of all: it is there until then.
   */
  static List<Step> inOrder(List<Step> assignments, Names names) {
    Set<Value> written = new HashSet<>();
    assignments.forEach(step -> step.assigns().ifPresent(written::add));
    Map<Value, Value> kept = new HashMap<>();
    List<Step> first = new ArrayList<>();
    List<Step> then = new ArrayList<>();
    for (Step step : assignments) {
      if (!(step instanceof Step.Compute compute)
          || !(compute.expression()
              instanceof Expression.Share(Input.Variable(Value read), boolean moved))
          || !written.contains(read)
          || read.equals(compute.result())) {
        then.add(step);
      } else {
        Value keeps = kept.get(read);
        if (keeps == null) {
          keeps = names.value(read.name());
          kept.put(read, keeps);
          first.add(with(compute, keeps, read));
        }
        then.add(with(compute, compute.result(), keeps));
      }
    }
    first.addAll(then);
    return first;
  }

  private static Step with(Step.Compute like, Value result, Value source) {
    return new Step.Compute(
        result, new Expression.Share(source), false, like.need(), like.present(), like.remark());
  }
}
