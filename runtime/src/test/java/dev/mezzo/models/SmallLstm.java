package dev.mezzo.models;

import static dev.mezzo.Ops.crossEntropy;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;
import dev.mezzo.layers.Embedding;
import dev.mezzo.layers.Linear;
import dev.mezzo.layers.Lstm;
import java.util.random.RandomGenerator;

/** A recurrent layer over a sequence. */
@Half
@LossScaled
public record SmallLstm(Embedding token, Lstm lstm, Linear head) {

  public static SmallLstm create(RandomGenerator random) {
    return new SmallLstm(
        new Embedding(11, 12, random), new Lstm(12, 16, random), new Linear(16, 11, random));
  }

  /** Ids and the next ones are (9, batch), below 11. */
  public Tensor loss(Tensor ids, Tensor next) {
    return crossEntropy(head.forward(lstm.forward(token.forward(ids))), next);
  }
}
