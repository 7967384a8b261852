package dev.mezzo.layers;

import static dev.mezzo.Ops.linear;
import static dev.mezzo.Ops.lstm;

import dev.mezzo.Layer;
import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Shape;
import java.util.random.RandomGenerator;

/**
 * A layer of long short-term memory. Shapes, time first: x (time, batch, features), y (time, batch,
 * directions·hidden). The input's part of the gates of all steps is one product.
 *
 * <p>There is one bias, where other libraries have one of the input and one of the recurrence:
 * their sum. Gates are in the order i, f, g, o.
 *
 * @see <a href="https://doi.org/10.1162/neco.1997.9.8.1735">Hochreiter and Schmidhuber, Long
 *     Short-Term Memory</a>
 */
@Half
public final class Lstm implements Layer {

  @MasterFp32 final Parameter weight;
  @MasterFp32 final Parameter bias;
  @MasterFp32 final Parameter recurrentWeight;

  /** Forward in time. */
  public Lstm(int features, int hidden, RandomGenerator random) {
    this(features, hidden, false, random);
  }

  /**
   * With parameters drawn uniformly from ±1/√hidden.
   *
   * @param bidirectional whether there is a second direction, which goes back in time
   */
  public Lstm(int features, int hidden, boolean bidirectional, RandomGenerator random) {
    int directions = bidirectional ? 2 : 1;
    float bound = (float) (1 / Math.sqrt(hidden));
    int gates = 4 * hidden;
    this.weight = Parameter.uniform(Shape.of(directions * gates, features), bound, random);
    this.bias = Parameter.uniform(Shape.of(directions * gates), bound, random);
    this.recurrentWeight = Parameter.uniform(Shape.of(directions, gates, hidden), bound, random);
  }

  /** Applies the layer, from states of 0. */
  @Override
  @Dims({"time", "batch", "?"})
  public Tensor forward(@Dims({"time", "batch", "features"}) Tensor x) {
    return lstm(linear(x, weight, bias), recurrentWeight);
  }

  /** (directions·4·hidden, features). */
  public Parameter weight() {
    return weight;
  }

  /** (directions·4·hidden). */
  public Parameter bias() {
    return bias;
  }

  /** (directions, 4·hidden, hidden). */
  public Parameter recurrentWeight() {
    return recurrentWeight;
  }
}
