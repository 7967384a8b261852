package dev.mezzo.examples;

import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.transpose;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.layers.Embedding;
import dev.mezzo.layers.LayerNorm;
import dev.mezzo.layers.PositionEmbedding;
import dev.mezzo.layers.TransformerBlock;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * GPT-2: as {@link Gpt}, but the table of tokens is the head, too, so that its gradient has two
 * parts.
 *
 * @param table that of {@code token}
 * @see <a
 *     href="https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf">Radford
 *     et al., Language Models are Unsupervised Multitask Learners</a>
 */
@Half
public record Gpt2(
    Embedding token,
    PositionEmbedding position,
    List<TransformerBlock> blocks,
    LayerNorm norm,
    @MasterFp32 Parameter table) {

  private static final float DEVIATION = 0.02f;

  /**
   * What a model of the family is like.
   *
   * @param vocabulary how many tokens there are
   * @param context the longest sequence
   * @param features a multiple of {@code heads}
   */
  public record Size(int vocabulary, int context, int features, int heads, int blocks) {

    /** That of 124 million weights. */
    public static final Size SMALL = new Size(50_257, 1024, 768, 12, 12);
  }

  /** A network with random weights. */
  public static Gpt2 create(Size size, RandomGenerator random) {
    int features = size.features();
    Embedding token = new Embedding(size.vocabulary(), features, DEVIATION, random);
    return new Gpt2(
        token,
        new PositionEmbedding(size.context(), features, DEVIATION, random),
        Stream.generate(() -> new TransformerBlock(features, size.heads(), true, random))
            .limit(size.blocks())
            .toList(),
        new LayerNorm(features),
        token.weight());
  }

  /**
   * Logits of each next token. Shapes: ids (batch, time) INT32, result (batch, time, vocabulary).
   */
  public Tensor forward(Tensor ids) {
    Tensor x = position.forward(token.forward(ids));
    for (TransformerBlock block : blocks) {
      x = block.forward(x);
    }
    return matmul(norm.forward(x), transpose(table));
  }
}
