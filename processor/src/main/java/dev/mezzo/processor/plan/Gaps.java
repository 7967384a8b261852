package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Body.Place;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Where backward has to make zeros: for a value that the way taken did not read, or a loop without
 * a pass, or one that the next pass overwrites, or an input that nothing differentiates though an
 * interface promises a gradient. Backward is gone through with nothing but the question whether a
 * value has got a gradient yet.
 */
final class Gaps {
  private final Activity activity;
  private final Regions regions;
  private final Set<Gap> found = new HashSet<>();

  private Gaps(Activity activity, Regions regions) {
    this.activity = activity;
    this.regions = regions;
  }

  /** A value whose gradient may be missing when backward is through with a node. */
  record Gap(Place place, Value value) {}

  /** Whether a value has a gradient. */
  enum Presence {
    ABSENT,
    /** It depends on the way taken. */
    MAYBE,
    PRESENT;

    Presence join(Presence other) {
      return this == other ? this : MAYBE;
    }

    /** After a gradient has come; in a loop that the value is outside of, if it had a pass. */
    Presence added(boolean inLoop) {
      return this == PRESENT || !inLoop ? PRESENT : MAYBE;
    }
  }

  static Set<Gap> of(TypedFunction function, Activity activity, Regions regions) {
    Gaps gaps = new Gaps(activity, regions);
    Map<Value, Presence> presence = new HashMap<>();
    gaps.add(function.result(), 0, presence);
    gaps.reverse(function.body(), presence);
    for (Value input : function.source().inputs()) {
      if (!activity.of(input).never()) {
        gaps.note(function.body().place(-1), input, presence);
      }
    }
    return gaps.found;
  }

  private void reverse(Body body, Map<Value, Presence> presence) {
    for (int i = body.nodes().size() - 1; i >= 0; i--) {
      Node node = body.nodes().get(i);
      if (!activity.of(node).never()) {
        reverse(body.place(i), node, presence);
      }
    }
  }

  private void reverse(Place place, Node node, Map<Value, Presence> presence) {
    switch (node) {
      case Node.If branch -> {
        Map<Value, Presence> then = new HashMap<>(presence);
        Map<Value, Presence> otherwise = new HashMap<>(presence);
        for (Node.Join join : branch.joins()) {
          if (!activity.of(join.result()).never()) {
            add(join.then(), branch.then().id(), then);
            add(join.otherwise(), branch.otherwise().id(), otherwise);
          }
        }
        reverse(branch.then(), then);
        reverse(branch.otherwise(), otherwise);
        Set<Value> values = new HashSet<>(then.keySet());
        values.addAll(otherwise.keySet());
        for (Value value : values) {
          presence.put(value, of(value, then).join(of(value, otherwise)));
        }
        fill(place, values, presence);
      }
      case Node.Loop loop -> {
        List<Node.Carried> carried =
            loop.carried().stream().filter(c -> !activity.of(c.after()).never()).toList();
        for (Node.Carried c : carried) {
          note(place, c.after(), presence);
          add(c.next(), loop.body().id(), presence);
        }
        reverse(loop.body(), presence);
        for (Node.Carried c : carried) {
          note(loop.body().place(-1), c.inside(), presence);
        }
        fill(place, Set.copyOf(presence.keySet()), presence);
        carried.forEach(c -> add(c.initial(), place.body(), presence));
      }
      default -> {
        for (int i = 0; i < node.operands().size(); i++) {
          if (node.differentiable().get(i)) {
            add(node.operands().get(i), place.body(), presence);
          }
        }
      }
    }
  }

  private void add(Node.Operand operand, int body, Map<Value, Presence> presence) {
    if (operand instanceof Node.Operand.OfValue(Value value)
        && !value.several()
        && !activity.of(value).never()) {
      boolean inLoop = regions.isLoopBetween(body, regions.home(value));
      presence.put(value, of(value, presence).added(inLoop));
    }
  }

  /** The values that are defined where the node stands must have their gradients behind it. */
  private void fill(Place place, Set<Value> values, Map<Value, Presence> presence) {
    for (Value value : values) {
      if (regions.home(value) == place.body() && of(value, presence) == Presence.MAYBE) {
        note(place, value, presence);
      }
    }
  }

  private void note(Place place, Value value, Map<Value, Presence> presence) {
    if (of(value, presence) != Presence.PRESENT) {
      found.add(new Gap(place, value));
      presence.put(value, Presence.PRESENT);
    }
  }

  private static Presence of(Value value, Map<Value, Presence> presence) {
    return presence.getOrDefault(value, Presence.ABSENT);
  }
}
