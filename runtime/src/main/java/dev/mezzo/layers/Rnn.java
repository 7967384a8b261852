package dev.mezzo.layers;

import static dev.mezzo.Ops.linear;
import static dev.mezzo.Ops.rnn;

import dev.mezzo.Layer;
import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Shape;
import java.util.random.RandomGenerator;

/**
 * A plain recurrent layer, {@code y = tanh(weight·x + bias + recurrentWeight·y before)}. Shapes,
 * time first: x (time, batch, features), y (time, batch, directions·hidden). The input's part of
 * all steps is one product.
 *
 * <p>There is one bias, where other libraries have one of the input and one of the recurrence:
 * their sum.
 */
@Half
public final class Rnn implements Layer {

  @MasterFp32 final Parameter weight;
  @MasterFp32 final Parameter bias;
  @MasterFp32 final Parameter recurrentWeight;
  final boolean relu;

  /** Forward in time, with tanh. */
  public Rnn(int features, int hidden, RandomGenerator random) {
    this(features, hidden, false, false, random);
  }

  /**
   * With parameters drawn uniformly from ±1/√hidden.
   *
   * @param relu whether relu takes the place of tanh
   * @param bidirectional whether there is a second direction, which goes back in time
   */
  public Rnn(
      int features, int hidden, boolean relu, boolean bidirectional, RandomGenerator random) {
    this.relu = relu;
    int directions = bidirectional ? 2 : 1;
    float bound = (float) (1 / Math.sqrt(hidden));
    this.weight = Parameter.uniform(Shape.of(directions * hidden, features), bound, random);
    this.bias = Parameter.uniform(Shape.of(directions * hidden), bound, random);
    this.recurrentWeight = Parameter.uniform(Shape.of(directions, hidden, hidden), bound, random);
  }

  /** Applies the layer, from states of 0. */
  @Override
  @Dims({"time", "batch", "?"})
  public Tensor forward(@Dims({"time", "batch", "features"}) Tensor x) {
    return rnn(linear(x, weight, bias), recurrentWeight, relu);
  }

  /** (directions·hidden, features). */
  public Parameter weight() {
    return weight;
  }

  /** (directions·hidden). */
  public Parameter bias() {
    return bias;
  }

  /** (directions, hidden, hidden). */
  public Parameter recurrentWeight() {
    return recurrentWeight;
  }
}
