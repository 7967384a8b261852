package dev.mezzo.layers;

import static dev.mezzo.Ops.selfAttention;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import java.util.random.RandomGenerator;

/**
 * Attention of a sequence to itself with several heads: one product makes queries, keys and values,
 * another brings the heads' results together. Shapes: x and y (batch, time, features).
 *
 * @see <a href="https://arxiv.org/abs/1706.03762">Vaswani et al., Attention Is All You Need</a>
 */
@Half
public final class MultiHeadAttention {

  final Linear input;
  final Linear output;
  final int heads;
  final int keyHeads;
  final boolean causal;

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
  }

  /** Applies the layer. */
  public Tensor forward(Tensor x) {
    return output.forward(selfAttention(input.forward(x), heads, keyHeads, causal));
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
