package dev.mezzo.layers;

import static dev.mezzo.Ops.attention;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import java.util.random.RandomGenerator;

/**
 * Attention of one sequence to another, with several heads, as of a decoder to what the encoder
 * made. Shapes: x and y (batch, time, features), memory (batch, keys, features). Keys have no bias:
 * it would add one number to all scores of a query, which softmax does not see.
 *
 * @see <a href="https://arxiv.org/abs/1706.03762">Vaswani et al., Attention Is All You Need</a>
 */
@Half
public final class CrossAttention {

  final Linear query;
  final Projection key;
  final Linear value;
  final Linear output;
  final int heads;

  /**
   * A layer whose four products are initialised as {@link Linear}.
   *
   * @param features a multiple of {@code heads}
   */
  public CrossAttention(int features, int heads, RandomGenerator random) {
    if (heads < 1 || features % heads != 0) {
      throw new IllegalArgumentException(
          "CrossAttention: %d features, %d heads: heads must divide the features"
              .formatted(features, heads));
    }
    this.query = new Linear(features, features, random);
    this.key = new Projection(features, features, random);
    this.value = new Linear(features, features, random);
    this.output = new Linear(features, features, random);
    this.heads = heads;
  }

  /** Applies the layer. */
  @Dims({"batch", "time", "features"})
  public Tensor forward(
      @Dims({"batch", "time", "features"}) Tensor x,
      @Dims({"batch", "keys", "features"}) Tensor memory) {
    Tensor keys = key.forward(memory);
    Tensor values = value.forward(memory);
    return output.forward(attention(query.forward(x), keys, values, heads, false));
  }
}
