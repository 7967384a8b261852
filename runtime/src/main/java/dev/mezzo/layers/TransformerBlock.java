package dev.mezzo.layers;

import static dev.mezzo.Ops.add;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import java.util.random.RandomGenerator;

/**
 * A block of a transformer, norms first: {@code h = x + attention(norm(x))}, {@code y = h +
 * feedForward(norm(h))}. Shapes: x and y (batch, time, features).
 *
 * @see <a href="https://arxiv.org/abs/2002.04745">Xiong et al., On Layer Normalization in the
 *     Transformer Architecture</a>
 */
@Half
public final class TransformerBlock implements Layer {

  final LayerNorm attentionNorm;
  final MultiHeadAttention attention;
  final LayerNorm norm;
  final FeedForward feedForward;

  /**
   * A block whose inner layer is four times as wide.
   *
   * @param features a multiple of {@code heads}
   * @param causal whether a position sees only itself and those before
   */
  public TransformerBlock(int features, int heads, boolean causal, RandomGenerator random) {
    this.attentionNorm = new LayerNorm(features);
    this.attention = new MultiHeadAttention(features, heads, causal, random);
    this.norm = new LayerNorm(features);
    this.feedForward = new FeedForward(features, 4 * features, random);
  }

  /**
   * A block around a given attention, as one with rotary positions or shared key heads.
   *
   * @param inner features of the inner layer
   */
  public TransformerBlock(
      MultiHeadAttention attention, int features, int inner, RandomGenerator random) {
    this.attentionNorm = new LayerNorm(features);
    this.attention = attention;
    this.norm = new LayerNorm(features);
    this.feedForward = new FeedForward(features, inner, random);
  }

  /** Applies the block. */
  @Override
  @Dims({"batch", "time", "features"})
  public Tensor forward(@Dims({"batch", "time", "features"}) Tensor x) {
    Tensor h = add(x, attention.forward(attentionNorm.forward(x)));
    return add(h, feedForward.forward(norm.forward(h)));
  }
}
