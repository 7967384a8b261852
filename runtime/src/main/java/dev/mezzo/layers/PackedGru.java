package dev.mezzo.layers;

import static dev.mezzo.Ops.gru;
import static dev.mezzo.Ops.linear;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;

/**
 * {@link Gru} for sequences of unequal lengths, side by side in one tensor: behind the end of one
 * the result is 0, and a second direction begins there. Shapes: x (time, batch, features), lengths
 * (batch) INT32, y (time, batch, directions·hidden).
 */
@Half
public final class PackedGru {

  @MasterFp32 final Parameter weight;
  @MasterFp32 final Parameter bias;
  @MasterFp32 final Parameter recurrentWeight;
  @MasterFp32 final Parameter recurrentBias;

  /** With the parameters of a layer. */
  public PackedGru(Gru layer) {
    this.weight = layer.weight;
    this.bias = layer.bias;
    this.recurrentWeight = layer.recurrentWeight;
    this.recurrentBias = layer.recurrentBias;
  }

  /**
   * Applies the layer, from states of 0.
   *
   * @param lengths steps of each sequence, from 0 up to x's
   */
  @Dims({"time", "batch", "?"})
  public Tensor forward(
      @Dims({"time", "batch", "features"}) Tensor x, @Dims("batch") Tensor lengths) {
    return gru(linear(x, weight, bias), recurrentWeight, recurrentBias, lengths);
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
