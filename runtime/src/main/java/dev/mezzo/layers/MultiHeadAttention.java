package dev.mezzo.layers;

import static dev.mezzo.Ops.rotary;
import static dev.mezzo.Ops.selfAttention;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import java.util.random.RandomGenerator;

/**
 * Attention of a sequence to itself with several heads: one product makes queries, keys and values,
 * another brings the heads' results together. Shapes: x and y (batch, time, features).
 *
 * @see <a href="https://arxiv.org/abs/1706.03762">Vaswani et al., Attention Is All You Need</a>
 */
@Half
public final class MultiHeadAttention implements Layer {

  final Linear input;
  final Linear output;
  final int heads;
  final int keyHeads;
  final boolean causal;
  final float rotaryBase;

  /**
   * With as many heads of keys and values as of queries.
   *
   * @param features a multiple of {@code heads}
   * @param causal whether a position sees only itself and those before
   */
  public MultiHeadAttention(int features, int heads, boolean causal, RandomGenerator random) {
    this(features, heads, heads, causal, random);
  }

  /**
   * With fewer heads of keys and values, each of which several of queries share.
   *
   * @param keyHeads divides {@code heads}
   * @see <a href="https://arxiv.org/abs/2305.13245">Ainslie et al., GQA</a>
   */
  public MultiHeadAttention(
      int features, int heads, int keyHeads, boolean causal, RandomGenerator random) {
    if (heads < 1 || features % heads != 0 || keyHeads < 1 || heads % keyHeads != 0) {
      throw new IllegalArgumentException(
          "MultiHeadAttention: %d features, %d heads, %d of keys: heads must divide the features, and those of keys the heads"
              .formatted(features, heads, keyHeads));
    }
    int headDim = features / heads;
    this.input = new Linear(features, (heads + 2 * keyHeads) * headDim, random);
    this.output = new Linear(features, features, random);
    this.heads = heads;
    this.keyHeads = keyHeads;
    this.causal = causal;
    this.rotaryBase = 0;
  }

  private MultiHeadAttention(MultiHeadAttention other, float rotaryBase) {
    this.input = other.input;
    this.output = other.output;
    this.heads = other.heads;
    this.keyHeads = other.keyHeads;
    this.causal = other.causal;
    this.rotaryBase = rotaryBase;
  }

  /**
   * The same, of the same parameters, with rotary positions of queries and keys.
   *
   * @param base positive, usually 10000; features per head must be even
   * @see <a href="https://arxiv.org/abs/2104.09864">Su et al., RoFormer</a>
   */
  public MultiHeadAttention withRotary(float base) {
    if (!(base > 0) || output.weight().shape().dim(0) / heads % 2 != 0) {
      throw new IllegalArgumentException(
          "MultiHeadAttention: rotary positions need a positive base and an even number of features per head, but have %s and %d"
              .formatted(base, output.weight().shape().dim(0) / heads));
    }
    return new MultiHeadAttention(this, base);
  }

  /** Applies the layer. */
  @Override
  @Dims({"batch", "time", "features"})
  public Tensor forward(@Dims({"batch", "time", "features"}) Tensor x) {
    Tensor qkv = input.forward(x);
    if (rotaryBase > 0) {
      qkv = rotary(qkv, heads + 2 * keyHeads, heads + keyHeads, 0, rotaryBase);
    }
    return output.forward(selfAttention(qkv, heads, keyHeads, causal));
  }

  /** Makes queries, keys and values, side by side. */
  public Linear input() {
    return input;
  }

  /** Brings the heads together. */
  public Linear output() {
    return output;
  }
}
