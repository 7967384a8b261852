package dev.mezzo;

import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;

/**
 * Numbers that belong to a model but are no parameter: they have no gradient and no optimizer
 * touches them, as a batch norm's running statistics. Always FP32, whatever the precision of the
 * training.
 *
 * <p>Operations that keep a state take it as a plain operand; only the overload with a tape of
 * training in front writes to it. Its owner is the layer that made it. A state is no tensor, so it
 * takes part in no arithmetic of {@code forward}; {@link #values} reads it.
 */
public final class State {

  private final Tensor values;

  private State(Tensor values) {
    this.values = values;
    values.storage().markPersistent();
  }

  /** A state of {@code values}, which are copied, on their device. */
  public static State of(Tensor values) {
    try (Tensor rowMajor = values.contiguous()) {
      Tensor copy = Tensor.allocate(values.device(), values.shape(), DType.FP32);
      values.device().backend().cast(rowMajor.operand(), copy.operand());
      return new State(copy);
    }
  }

  /** A state on the default device, each element {@code value}. */
  public static State filled(Shape shape, float value) {
    return new State(Tensor.allocate(shape, DType.FP32).fill(value));
  }

  /** Dimensions. */
  public Shape shape() {
    return values.shape();
  }

  /** The numbers, FP32. Borrowed: whoever writes to it changes the model. */
  public Tensor values() {
    return values;
  }

  /** The numbers in row-major order. Waits for the device. */
  public float[] toFloats() {
    return values.toFloats();
  }

  /** Copies numbers in row-major order. Returns this. */
  public State copyFrom(float... numbers) {
    values.copyFrom(numbers);
    return this;
  }

  @Override
  public String toString() {
    return values.toString().replaceFirst("Tensor", "State");
  }
}
