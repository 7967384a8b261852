package dev.mezzo.examples;

import static dev.mezzo.Ops.permute;
import static dev.mezzo.Ops.reshape;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Gru;
import dev.mezzo.layers.Linear;
import dev.mezzo.types.Convolution;
import java.util.random.RandomGenerator;

/**
 * Speech from spectrograms, after Deep Speech 2: two convolutions, three layers of gated recurrent
 * units in both directions, and a class for each step.
 */
@Half
public record Speech(
    SpectrogramConv first, SpectrogramConv second, Gru lower, Gru middle, Gru upper, Linear head) {

  private static final int CHANNELS = 32;

  /**
   * A network with random weights.
   *
   * @param frequencies a multiple of 4
   * @param classes the blank included
   */
  public static Speech create(int frequencies, int hidden, int classes, RandomGenerator random) {
    Convolution wide = Convolution.of().withStride(2, 2).withPadding(5, 20);
    Convolution narrow = Convolution.of().withStride(1, 2).withPadding(5, 10);
    return new Speech(
        SpectrogramConv.create(1, CHANNELS, 11, 41, wide, random),
        SpectrogramConv.create(CHANNELS, CHANNELS, 11, 21, narrow, random),
        new Gru(frequencies / 4 * CHANNELS, hidden, true, random),
        new Gru(2 * hidden, hidden, true, random),
        new Gru(2 * hidden, hidden, true, random),
        new Linear(2 * hidden, classes, random));
  }

  /** Logits. Shapes: x (batch, time, frequencies, 1), result (time / 2, batch, classes). */
  public Tensor forward(Tensor x) {
    Tensor h = second.forward(first.forward(x));
    int features = h.shape().dim(2) * h.shape().dim(3);
    Tensor steps = permute(reshape(h, h.shape().dim(0), h.shape().dim(1), features), 1, 0, 2);
    return head.forward(upper.forward(middle.forward(lower.forward(steps))));
  }
}
