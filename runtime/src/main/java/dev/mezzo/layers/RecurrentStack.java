package dev.mezzo.layers;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import java.util.List;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Recurrent layers on each other, with dropout between them. Shapes, time first: x (time, batch,
 * features), y (time, batch, directions·hidden).
 *
 * @param layers at least one
 * @param dropout between two layers, not behind the last
 */
@Half
public record RecurrentStack(List<Layer> layers, Dropout dropout) implements Layer {

  /** Checks that there is one. */
  public RecurrentStack {
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("RecurrentStack needs a layer at least");
    }
  }

  /** Layers of {@link Lstm}. */
  public static RecurrentStack lstm(
      int features,
      int hidden,
      int layers,
      boolean bidirectional,
      float dropout,
      RandomGenerator random) {
    return of(
        features,
        bidirectional ? 2 * hidden : hidden,
        layers,
        dropout,
        in -> new Lstm(in, hidden, bidirectional, random));
  }

  /** Layers of {@link Gru}. */
  public static RecurrentStack gru(
      int features,
      int hidden,
      int layers,
      boolean bidirectional,
      float dropout,
      RandomGenerator random) {
    return of(
        features,
        bidirectional ? 2 * hidden : hidden,
        layers,
        dropout,
        in -> new Gru(in, hidden, bidirectional, random));
  }

  /** Layers of {@link Rnn}, with tanh. */
  public static RecurrentStack rnn(
      int features,
      int hidden,
      int layers,
      boolean bidirectional,
      float dropout,
      RandomGenerator random) {
    return of(
        features,
        bidirectional ? 2 * hidden : hidden,
        layers,
        dropout,
        in -> new Rnn(in, hidden, false, bidirectional, random));
  }

  private static RecurrentStack of(
      int features, int between, int count, float dropout, IntFunction<Layer> layer) {
    return new RecurrentStack(
        IntStream.range(0, count).mapToObj(i -> layer.apply(i == 0 ? features : between)).toList(),
        new Dropout(dropout));
  }

  /** Applies the layers, from states of 0. */
  @Override
  public Tensor forward(Tensor x) {
    Tensor y = layers.getFirst().forward(x);
    for (int i = 1; i < layers.size(); i++) {
      y = layers.get(i).forward(dropout.forward(y));
    }
    return y;
  }
}
