package dev.mezzo.layers;

import static dev.mezzo.Ops.linear;
import static dev.mezzo.Ops.lstm;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;

/**
 * {@link Lstm} for sequences of unequal lengths, side by side in one tensor: behind the end of one
 * the result is 0, and a second direction begins there. Shapes: x (time, batch, features), lengths
 * (batch) INT32, y (time, batch, directions·hidden).
 */
@Half
public final class PackedLstm {

  @MasterFp32 final Parameter weight;
  @MasterFp32 final Parameter bias;
  @MasterFp32 final Parameter recurrentWeight;

  /** With the parameters of a layer. */
  public PackedLstm(Lstm layer) {
    this.weight = layer.weight;
    this.bias = layer.bias;
    this.recurrentWeight = layer.recurrentWeight;
  }

  /**
   * Applies the layer, from states of 0.
   *
   * @param lengths steps of each sequence, from 0 up to x's
   */
  @Dims({"time", "batch", "?"})
  public Tensor forward(
      @Dims({"time", "batch", "features"}) Tensor x, @Dims("batch") Tensor lengths) {
    return lstm(linear(x, weight, bias), recurrentWeight, lengths);
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
