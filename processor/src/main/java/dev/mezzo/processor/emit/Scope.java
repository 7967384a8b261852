package dev.mezzo.processor.emit;

import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.SubLayerModel;
import dev.mezzo.processor.plan.Expression;
import dev.mezzo.processor.plan.FunctionPlan;
import dev.mezzo.processor.plan.LayerPlan;
import dev.mezzo.processor.plan.Step;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The names of a generated class: its methods, and which operations it may call by their simple
 * name. A method of the class, own or inherited, hides a statically imported one of the same name.
 */
final class Scope {
  private static final Set<String> OF_OBJECT =
      Set.of(
          "clone",
          "equals",
          "finalize",
          "getClass",
          "hashCode",
          "notify",
          "notifyAll",
          "toString",
          "wait");

  /** Methods of {@code dev.mezzo.Training}, which a test compares with the class. */
  static final Set<String> OF_TRAINING =
      Set.of(
          "accumulate",
          "appliedSteps",
          "close",
          "learningRate",
          "load",
          "loadMatchingWeights",
          "loadWeights",
          "lossScale",
          "memoryUse",
          "mixing",
          "save",
          "saveWeights",
          "scaling",
          "skippedSteps",
          "start",
          "statistics",
          "step",
          "value",
          "weights");

  private final Set<String> methods = new HashSet<>(OF_OBJECT);
  private final Map<String, String> forwards = new HashMap<>();
  private final Map<String, String> backwards = new HashMap<>();
  private final Map<String, String> accessors = new LinkedHashMap<>();
  private final Map<String, ClassName> imported = new LinkedHashMap<>();
  private final Set<String> fields = new HashSet<>();
  private final String halfField;
  private final String modelField;
  private final boolean checks;
  private final Bodies bodies = new Bodies();

  Scope(LayerPlan plan, boolean checks) {
    this.checks = checks;
    plan.layer().parameters().forEach(parameter -> fields.add(parameter.name()));
    plan.layer().subLayers().forEach(layer -> fields.add(layer.name()));
    halfField = unique("half", fields);
    modelField = unique("model", fields);
    boolean root = plan.layer().lossScaling().isPresent();
    if (root) {
      methods.addAll(OF_TRAINING);
      methods.addAll(List.of("step", "evaluate", "training"));
    }
    String entry = plan.entry().source().name();
    methods.add(entry);
    methods.add("backward");
    forwards.put(entry, entry);
    backwards.put(entry, "backward");
    for (FunctionPlan function : plan.functions()) {
      String name = function.source().name();
      if (!name.equals(entry)) {
        forwards.put(name, unique(name, methods));
      }
    }
    for (FunctionPlan function : plan.functions()) {
      String name = function.source().name();
      if (!name.equals(entry) && function.backward().isPresent()) {
        backwards.put(name, unique(name + "Backward", methods));
      }
    }
    if (root) {
      for (SubLayerModel layer : plan.layer().subLayers()) {
        accessors.put(layer.name(), unique(layer.name(), methods));
      }
    }
    plan.functions().forEach(this::note);
  }

  /** The name, with a number after it where it is taken; it is, from now on. */
  static String unique(String wanted, Set<String> taken) {
    String name = wanted;
    for (int number = 2; !taken.add(name); number++) {
      name = wanted + number;
    }
    return name;
  }

  private void note(FunctionPlan function) {
    Stream<Step> steps =
        Stream.concat(
            function.forward().stream(),
            function.backward().stream().flatMap(b -> b.steps().stream()));
    steps.flatMap(Step::all).flatMap(Scope::expressions).forEach(this::note);
  }

  private void note(Expression expression) {
    if (expression instanceof Expression.Components(var call, var _)) {
      note(call);
    }
    if (expression instanceof Expression.Operation(var owner, var name, var inputs)
        && !methods.contains(name)) {
      imported.putIfAbsent(name, owner);
    }
  }

  private static Stream<Expression> expressions(Step step) {
    return switch (step) {
      case Step.Compute compute -> Stream.of(compute.expression());
      case Step.Run run -> Stream.of(run.expression());
      case Step.Accumulate accumulate -> Stream.of(accumulate.gradient());
      case Step.Plus plus -> plus.operations().stream();
      default -> Stream.of();
    };
  }

  /** Whether what operations return is checked to be finite. */
  boolean checks() {
    return checks;
  }

  /** The texts of the methods. */
  Bodies bodies() {
    return bodies;
  }

  /** The field that holds the 16-bit type. */
  String halfField() {
    return halfField;
  }

  /** The field that holds the user's object. */
  String modelField() {
    return modelField;
  }

  /** The method that a function's forward becomes. */
  String forward(String function) {
    return forwards.getOrDefault(function, function);
  }

  /** The method that a function's backward becomes. */
  String backward(String function) {
    return backwards.getOrDefault(function, function + "Backward");
  }

  /** The method of a training class that gives a sub-layer's mixed form, by field. */
  Map<String, String> accessors() {
    return accessors;
  }

  /** Whether the operation is called by its simple name. */
  boolean isImported(ClassName owner, String name) {
    return owner.equals(imported.get(name));
  }

  /** The operations that are imported, with their classes, in the order of their first calls. */
  Map<String, ClassName> imported() {
    return imported;
  }
}
