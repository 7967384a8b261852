package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.LoopHead;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Body.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How a function's bodies lie in one another, and which values come from which. */
final class Regions {
  private final Map<Integer, Place> around = new HashMap<>();
  private final Set<Integer> loops = new HashSet<>();
  private final Map<Value, Integer> homes = new HashMap<>();
  private final Map<Integer, Set<String>> recovered = new HashMap<>();

  private Regions() {}

  static Regions of(TypedFunction function) {
    Regions regions = new Regions();
    Body body = function.body();
    function.source().inputs().forEach(input -> regions.homes.put(input, body.id()));
    regions.recovered.put(body.id(), Set.of());
    regions.note(body);
    return regions;
  }

  private void note(Body body) {
    for (int i = 0; i < body.nodes().size(); i++) {
      Node node = body.nodes().get(i);
      node.made().ifPresent(value -> homes.put(value, body.id()));
      for (Body within : node.bodies()) {
        around.put(within.id(), body.place(i));
        recovered.put(within.id(), recovered(body.id()));
      }
      switch (node) {
        case Node.If branch -> branch.joins().forEach(j -> homes.put(j.result(), body.id()));
        case Node.Loop loop -> note(loop, body);
        default -> {}
      }
      node.bodies().forEach(this::note);
    }
  }

  private void note(Node.Loop loop, Body body) {
    int inside = loop.body().id();
    loops.add(inside);
    loop.carried().forEach(carried -> homes.put(carried.inside(), inside));
    loop.carried().forEach(carried -> homes.put(carried.after(), body.id()));
    Set<String> names = new HashSet<>(recovered(body.id()));
    switch (loop.head()) {
      case LoopHead.Range range -> names.add(range.index());
      case LoopHead.Each each -> {
        if (recovers(loop, body.id())) {
          names.add(each.element());
        }
      }
      case LoopHead.While unknown -> {}
    }
    recovered.put(inside, names);
  }

  /** Whether backward finds again what drives the loop, but for the number of its passes. */
  private boolean recovers(Node.Loop loop, int body) {
    return switch (loop.head()) {
      case LoopHead.Range range -> true;
      case LoopHead.Each each ->
          switch (each.kind()) {
            case ARRAY -> true;
            case LIST -> isRepeatable(each.elements(), body);
            case OTHER -> false;
          };
      case LoopHead.While unknown -> false;
    };
  }

  /** Whether only the run tells how many passes there are, so that they are counted. */
  boolean isCounted(Node.Loop loop, Place place) {
    return loop.stop().isPresent() || !recovers(loop, place.body());
  }

  /** Whether backward finds again what drives the loop. */
  boolean recovers(Node.Loop loop, Place place) {
    return recovers(loop, place.body());
  }

  /** Plain variables that backward has in a body: indices and elements of the loops around. */
  private Set<String> recovered(int body) {
    return recovered.getOrDefault(body, Set.of());
  }

  /** Whether backward may evaluate the code again in the body: it has all that the code reads. */
  boolean isRepeatable(Argument.Plain code, int body) {
    return code.steady() && code.reads().isEmpty() && recovered(body).containsAll(code.locals());
  }

  /** The body that defines a value. */
  int home(Value value) {
    return homes.getOrDefault(value, 0);
  }

  /** The index of the node of {@code body} that a place is in. */
  int lift(Place place, int body) {
    Place at = place;
    while (at.body() != body) {
      at = outer(at.body());
    }
    return at.index();
  }

  /** Whether a loop lies between a body and one around it. */
  boolean isLoopBetween(int body, int outer) {
    int at = body;
    while (at != outer) {
      if (loops.contains(at)) {
        return true;
      }
      at = outer(at).body();
    }
    return false;
  }

  /** The innermost body that all places lie in, with no loop between it and {@code home}. */
  int common(List<Place> places, int home) {
    List<Integer> shared = null;
    for (Place place : places) {
      List<Integer> path = path(place.body(), home);
      if (shared == null) {
        shared = path;
      } else {
        int same = 0;
        while (same < Math.min(shared.size(), path.size())
            && shared.get(same).equals(path.get(same))) {
          same++;
        }
        shared = shared.subList(0, same);
      }
    }
    int common = home;
    for (int body : shared == null ? List.<Integer>of() : shared) {
      if (loops.contains(body)) {
        return common;
      }
      common = body;
    }
    return common;
  }

  /** The bodies on the way from {@code home}, which is not among them. */
  private List<Integer> path(int body, int home) {
    List<Integer> path = new ArrayList<>();
    for (int at = body; at != home; at = outer(at).body()) {
      path.addFirst(at);
    }
    return path;
  }

  private Place outer(int body) {
    Place place = around.get(body);
    if (place == null) {
      throw new IllegalArgumentException("body " + body + " is in no other");
    }
    return place;
  }
}
