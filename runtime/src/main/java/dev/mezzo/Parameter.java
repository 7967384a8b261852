package dev.mezzo;

import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.random.RandomGenerator;

/**
 * A tensor that training changes. FP32 at rest: the same values whatever the precision of the
 * training. Operations borrow it as any tensor and never close it; its owner is the layer that made
 * it.
 */
public final class Parameter extends Tensor {

  private Parameter(Device device, Shape shape) {
    super(storage(device, shape, DType.FP32), new Layout(shape, DType.FP32, false));
    storage().markPersistent();
  }

  /** A parameter of {@code values}, which are copied, on their device. */
  public static Parameter of(Tensor values) {
    if (!values.dtype().isFloat()) {
      throw new ShapeException(
          "Parameter.of: the values are " + values.dtype() + ", but must be FP32, FP16 or BF16");
    }
    Parameter parameter = new Parameter(values.device(), values.shape());
    try (Tensor rowMajor = values.contiguous()) {
      values.device().backend().cast(rowMajor.operand(), parameter.operand());
    }
    return parameter;
  }

  /** A parameter on the default device, its elements chosen by {@code init}. */
  public static Parameter of(Shape shape, Init init, RandomGenerator random) {
    Parameter parameter = new Parameter(Device.current(), shape);
    parameter.copyFrom(init.values(shape, random));
    return parameter;
  }

  /** Begins anew: all elements are chosen by {@code init}. Returns this. */
  public Parameter initialize(Init init, RandomGenerator random) {
    copyFrom(init.values(shape(), random));
    return this;
  }

  /** A parameter of zeros on the default device. */
  public static Parameter zeros(Shape shape) {
    Parameter parameter = new Parameter(Device.current(), shape);
    parameter.fill(0f);
    return parameter;
  }

  /** A parameter of ones on the default device. */
  public static Parameter ones(Shape shape) {
    Parameter parameter = new Parameter(Device.current(), shape);
    parameter.fill(1f);
    return parameter;
  }

  /**
   * A parameter on the default device, its elements drawn uniformly from [−bound, bound), in
   * row-major order.
   */
  public static Parameter uniform(Shape shape, float bound, RandomGenerator random) {
    return of(shape, Init.uniform(bound), random);
  }

  /**
   * A parameter on the default device, its elements normally distributed around 0, in row-major
   * order.
   */
  public static Parameter normal(Shape shape, float standardDeviation, RandomGenerator random) {
    return of(shape, Init.normal(standardDeviation), random);
  }

  @Override
  public Parameter retain() {
    super.retain();
    return this;
  }
}
