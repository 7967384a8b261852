package dev.mezzo;

import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a mixed form is built from: the 16-bit format of the training, its weights and sub-layers,
 * and where in the model the form stands. Each layer's form is given its own.
 */
public final class Mixing {

  private final WeightRegistry registry;
  private final String path;
  private final DType half;

  Mixing(WeightRegistry registry, String path, DType half) {
    this.registry = registry;
    this.path = path;
    this.half = half;
  }

  /**
   * The type of values that the compiler put in 16 bits; FP32 where the training's format is NONE
   * or the layer is full.
   */
  public DType half() {
    return half;
  }

  /**
   * The weight that trains {@code parameter}. A parameter met before (tied) has one weight in all,
   * whose gradients add up.
   *
   * @param name of the field
   */
  public Weight weight(Parameter parameter, String name, Weight.Kind kind) {
    boolean full = half == DType.FP32 || kind == Weight.Kind.FULL;
    Weight.Kind wanted = full ? Weight.Kind.FULL : kind;
    return new Weight(registry.parameter(parameter, path, name, wanted), full);
  }

  /**
   * The weights of the parameters in a list; they stand at {@code gains.0}, {@code gains.1}. Later
   * changes of the list are not seen.
   *
   * @param name of the field
   * @throws IllegalStateException if there is no list, or one of the parameters is null
   */
  public List<Weight> weights(List<Parameter> parameters, String name, Weight.Kind kind) {
    holder(parameters, name);
    List<Weight> weights = new ArrayList<>();
    for (Parameter parameter : parameters) {
      weights.add(element(parameter, name + "." + weights.size(), kind));
    }
    return List.copyOf(weights);
  }

  /** The same for the parameters in an array. */
  public List<Weight> weights(Parameter[] parameters, String name, Weight.Kind kind) {
    holder(parameters, name);
    return weights(Arrays.asList(parameters), name, kind);
  }

  /** The same for the values of a map; they stand at {@code gains.key}. */
  public <K> Map<K, Weight> weights(Map<K, Parameter> parameters, String name, Weight.Kind kind) {
    holder(parameters, name);
    Map<K, Weight> weights = new LinkedHashMap<>();
    parameters.forEach(
        (key, parameter) -> weights.put(key, element(parameter, name + "." + key, kind)));
    return Collections.unmodifiableMap(weights);
  }

  /**
   * Makes a state known to what is saved of the training. One met before keeps its place.
   *
   * @param name of the field
   * @throws IllegalStateException if there is none in the field
   */
  public void state(State state, String name) {
    String at = at(name).path;
    if (state == null) {
      throw new IllegalStateException(
          "state '%s' is null; the model must be complete before its training is built"
              .formatted(at));
    }
    registry.state(state, at);
  }

  /** The same for the states in a list; they stand at {@code means.0}, {@code means.1}. */
  public void states(List<State> states, String name) {
    holder(states, name);
    for (int i = 0; i < states.size(); i++) {
      state(states.get(i), name + "." + i);
    }
  }

  /** The same for the states in an array. */
  public void states(State[] states, String name) {
    holder(states, name);
    states(Arrays.asList(states), name);
  }

  /** The same for the values of a map; they stand at {@code means.key}. */
  public <K> void states(Map<K, State> states, String name) {
    holder(states, name);
    states.forEach((key, state) -> state(state, name + "." + key));
  }

  private Weight element(@Nullable Parameter parameter, String name, Weight.Kind kind) {
    if (parameter == null) {
      throw new IllegalStateException(
          "parameter '%s' is null; the model must be complete before its training is built"
              .formatted(at(name).path));
    }
    return weight(parameter, name, kind);
  }

  /**
   * The mixed form of a sub-layer; the same one for the same model object in the same precision.
   *
   * @param name of the field
   * @param create the form's constructor
   * @throws IllegalStateException if there is no layer in the field
   */
  public <L, M> M layer(L model, String name, BiFunction<? super L, Mixing, M> create) {
    Mixing child = at(name);
    if (model == null) {
      throw new IllegalStateException(
          "sub-layer '%s' is null; the model must be complete before its training is built"
              .formatted(child.path));
    }
    return registry.layer(
        model, half, () -> FoundForm.checked(create.apply(model, child), model, child.path));
  }

  /**
   * The mixed forms of the layers in a list; they stand at {@code blocks.0}, {@code blocks.1}.
   * Later changes of the list are not seen.
   *
   * @param name of the field
   * @param create the form's constructor
   * @throws IllegalStateException if there is no list, or one of the layers is null
   */
  public <L, M> List<M> layers(
      List<? extends L> models, String name, BiFunction<? super L, Mixing, M> create) {
    Mixing child = holder(models, name);
    List<M> forms = new ArrayList<>();
    for (L model : models) {
      forms.add(child.layer(model, Integer.toString(forms.size()), create));
    }
    return registry.several(child.path, new SeveralForms.OfList<>(forms));
  }

  /** The same for the layers in an array. */
  public <L, M> List<M> layers(L[] models, String name, BiFunction<? super L, Mixing, M> create) {
    holder(models, name);
    return layers(Arrays.asList(models), name, create);
  }

  /** The same for the values of a map; they stand at {@code heads.key}, in the map's order. */
  public <K, L, M> Map<K, M> layers(
      Map<K, ? extends L> models, String name, BiFunction<? super L, Mixing, M> create) {
    Mixing child = holder(models, name);
    Map<K, M> forms = new LinkedHashMap<>();
    models.forEach((key, model) -> forms.put(key, child.layer(model, String.valueOf(key), create)));
    return registry.several(child.path, new SeveralForms.OfMap<>(forms));
  }

  /**
   * The same for a sub-layer that is kept in FP32: {@link #half} is FP32, and its weights have no
   * shadow.
   */
  public Mixing full() {
    return new Mixing(registry, path, DType.FP32);
  }

  /**
   * Makes the mixed form of a layer whose class is known only now: the one that the processor has
   * written beside it, also in another jar.
   *
   * @param form the mixed form of the interface or abstract class that the field has
   */
  public static <M> BiFunction<Object, Mixing, M> implementing(Class<M> form) {
    return (model, mixing) -> FoundForm.create(model, mixing, form);
  }

  /** Where in the model. */
  String path() {
    return path;
  }

  private Mixing at(String name) {
    return new Mixing(registry, path.isEmpty() ? name : path + "." + name, half);
  }

  private Mixing holder(@Nullable Object holder, String name) {
    Mixing child = at(name);
    if (holder == null) {
      throw new IllegalStateException(
          "'%s' is null, but must hold sub-layers or parameters; the model must be complete before its training is built"
              .formatted(child.path));
    }
    return child;
  }
}
