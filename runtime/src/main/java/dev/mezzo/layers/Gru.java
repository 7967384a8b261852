package dev.mezzo.layers;

import static dev.mezzo.Ops.gru;
import static dev.mezzo.Ops.linear;

import dev.mezzo.Layer;
import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Shape;
import java.util.random.RandomGenerator;

/**
 * A layer of gated recurrent units. Shapes, time first: x (time, batch, features), y (time, batch,
 * directions·hidden). The input's part of the gates of all steps is one product.
 *
 * <p>Gates are in the order r, z, n. The candidate n alone has a bias of its recurrent part; for r
 * and z it is part of the input's, which other libraries keep apart.
 *
 * @see <a href="https://arxiv.org/abs/1406.1078">Cho et al., Learning Phrase Representations using
 *     RNN Encoder-Decoder</a>
 */
@Half
public final class Gru implements Layer {

  @MasterFp32 final Parameter weight;
  @MasterFp32 final Parameter bias;
  @MasterFp32 final Parameter recurrentWeight;
  @MasterFp32 final Parameter recurrentBias;

  /** Forward in time. */
  public Gru(int features, int hidden, RandomGenerator random) {
    this(features, hidden, false, random);
  }

  /**
   * With parameters drawn uniformly from ±1/√hidden.
   *
   * @param bidirectional whether there is a second direction, which goes back in time
   */
  public Gru(int features, int hidden, boolean bidirectional, RandomGenerator random) {
    int directions = bidirectional ? 2 : 1;
    float bound = (float) (1 / Math.sqrt(hidden));
    int gates = 3 * hidden;
    this.weight = Parameter.uniform(Shape.of(directions * gates, features), bound, random);
    this.bias = Parameter.uniform(Shape.of(directions * gates), bound, random);
    this.recurrentWeight = Parameter.uniform(Shape.of(directions, gates, hidden), bound, random);
    this.recurrentBias = Parameter.uniform(Shape.of(directions, hidden), bound, random);
  }

  /** Applies the layer, from states of 0. */
  @Override
  @Dims({"time", "batch", "?"})
  public Tensor forward(@Dims({"time", "batch", "features"}) Tensor x) {
    return gru(linear(x, weight, bias), recurrentWeight, recurrentBias);
  }

  /** (directions·3·hidden, features). */
  public Parameter weight() {
    return weight;
  }

  /** (directions·3·hidden). */
  public Parameter bias() {
    return bias;
  }

  /** (directions, 3·hidden, hidden). */
  public Parameter recurrentWeight() {
    return recurrentWeight;
  }

  /** (directions, hidden). */
  public Parameter recurrentBias() {
    return recurrentBias;
  }
}
