package dev.mezzo.examples;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Embedding;
import dev.mezzo.layers.LayerNorm;
import dev.mezzo.layers.PositionEmbedding;
import dev.mezzo.layers.Projection;
import dev.mezzo.layers.TransformerBlock;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** A small GPT: embeddings of bytes and positions, causal blocks, a norm, and a head of its own. */
@Half
public record Gpt(
    Embedding token,
    PositionEmbedding position,
    List<TransformerBlock> blocks,
    LayerNorm norm,
    Projection head) {

  /** How many blocks it is made with. */
  public static final int BLOCKS = 6;

  /**
   * A network with random weights.
   *
   * @param vocabulary how many tokens there are
   * @param context the longest sequence
   * @param features a multiple of {@code heads}
   * @param deviation standard deviation of the embeddings
   */
  public static Gpt create(
      int vocabulary,
      int context,
      int features,
      int heads,
      float deviation,
      RandomGenerator random) {
    return new Gpt(
        new Embedding(vocabulary, features, deviation, random),
        new PositionEmbedding(context, features, deviation, random),
        Stream.generate(() -> new TransformerBlock(features, heads, true, random))
            .limit(BLOCKS)
            .toList(),
        new LayerNorm(features),
        new Projection(features, vocabulary, random));
  }

  /**
   * Logits of each next token. Shapes: ids (batch, time) INT32, result (batch, time, vocabulary).
   */
  public Tensor forward(Tensor ids) {
    Tensor x = position.forward(token.forward(ids));
    for (TransformerBlock block : blocks) {
      x = block.forward(x);
    }
    return head.forward(norm.forward(x));
  }
}
