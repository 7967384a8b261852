package dev.mezzo;

import dev.mezzo.types.DType;
import java.util.function.BiFunction;

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
   * The mixed form of a sub-layer; the same one for the same model object in the same precision.
   *
   * @param name of the field
   * @param create the form's constructor
   */
  public <L, M> M layer(L model, String name, BiFunction<? super L, Mixing, M> create) {
    String child = path.isEmpty() ? name : path + "." + name;
    return registry.layer(
        model, half, () -> create.apply(model, new Mixing(registry, child, half)));
  }

  /**
   * The same for a sub-layer that is kept in FP32: {@link #half} is FP32, and its weights have no
   * shadow.
   */
  public Mixing full() {
    return new Mixing(registry, path, DType.FP32);
  }
}
