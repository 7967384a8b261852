package dev.mezzo;

import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A training's parameters and mixed forms, each known by the identity of what it stands for; and
 * this step's gradients.
 */
final class WeightRegistry {

  private final IdentityHashMap<Parameter, TrainedParameter> byParameter = new IdentityHashMap<>();
  private final List<TrainedParameter> inOrder = new ArrayList<>();
  private final IdentityHashMap<Object, Map<DType, Object>> forms = new IdentityHashMap<>();
  private final Map<State, String> states = new LinkedHashMap<>();
  private final Map<String, SeveralForms> several = new HashMap<>();
  private final List<TrainedParameter> reached = new ArrayList<>();
  private @Nullable Runnable listener;

  TrainedParameter parameter(Parameter parameter, String layer, String name, Weight.Kind kind) {
    TrainedParameter known = byParameter.get(parameter);
    if (known != null) {
      known.join(kind);
      return known;
    }
    TrainedParameter trained = new TrainedParameter(parameter, layer, name, kind, this);
    byParameter.put(parameter, trained);
    inOrder.add(trained);
    return trained;
  }

  @SuppressWarnings("unchecked") // a model object has one class, and so one mixed form's class
  <M> M layer(Object model, DType half, Supplier<M> create) {
    Map<DType, Object> byPrecision = forms.computeIfAbsent(model, m -> new EnumMap<>(DType.class));
    Object known = byPrecision.get(half);
    if (known == null) {
      known = create.get();
      byPrecision.put(half, known);
    }
    return (M) known;
  }

  /** The forms of several layers, which are at that place of the model. */
  <F extends SeveralForms> F several(String path, F forms) {
    several.put(path, forms);
    return forms;
  }

  /**
   * The path of the layer that generated code is in.
   *
   * @param path with a star for each one of several, {@code net.blocks.*}; it stays where the layer
   *     is known by another path
   */
  String element(String path) {
    int star = path.indexOf(".*");
    while (star >= 0) {
      SeveralForms forms = several.get(path.substring(0, star));
      Object last = forms == null ? null : forms.last();
      if (last != null) {
        path = path.substring(0, star + 1) + last + path.substring(star + 2);
      }
      star = path.indexOf(".*", star + 1);
    }
    return path;
  }

  /** Backward has added to a gradient of this step; {@code first} for the first time. */
  void added(TrainedParameter parameter, boolean first) {
    if (first) {
      reached.add(parameter);
    }
    if (listener != null) {
      listener.run();
    }
  }

  /** Tells when backward adds to a weight's gradient; null to stop. */
  void watch(@Nullable Runnable other) {
    listener = other;
  }

  /** All, in the order in which the forms were built. */
  List<TrainedParameter> parameters() {
    return inOrder;
  }

  /** A state of the model; one met before keeps its place. */
  void state(State state, String path) {
    states.putIfAbsent(state, path);
  }

  /** The model's states, and where each is; by identity, as states are. */
  Map<State, String> states() {
    return states;
  }

  /** Those whose gradient this step's backward has reached, in backward's order. */
  List<TrainedParameter> reached() {
    return reached;
  }

  /** Drops the last step's gradients. */
  void dropGradients() {
    reached.clear();
    inOrder.forEach(TrainedParameter::dropGradient);
  }
}
