package dev.mezzo.examples;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Embedding;
import dev.mezzo.layers.Linear;
import dev.mezzo.layers.Lstm;
import java.util.random.RandomGenerator;

/** A recurrent model of text: embeddings of bytes, two layers of LSTM, a head. */
@Half
public record CharLstm(Embedding token, Lstm first, Lstm second, Linear head) {

  /** A network with random weights. */
  public static CharLstm create(int vocabulary, int hidden, RandomGenerator random) {
    return new CharLstm(
        new Embedding(vocabulary, hidden, random),
        new Lstm(hidden, hidden, random),
        new Lstm(hidden, hidden, random),
        new Linear(hidden, vocabulary, random));
  }

  /**
   * Logits of each next token. Shapes: ids (time, batch) INT32, result (time, batch, vocabulary).
   */
  public Tensor forward(Tensor ids) {
    return head.forward(second.forward(first.forward(token.forward(ids))));
  }
}
