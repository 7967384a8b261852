package dev.mezzo.models;

import static dev.mezzo.Ops.crossEntropy;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;
import dev.mezzo.layers.Embedding;
import dev.mezzo.layers.LayerNorm;
import dev.mezzo.layers.PositionEmbedding;
import dev.mezzo.layers.Projection;
import dev.mezzo.layers.TransformerBlock;
import java.util.random.RandomGenerator;

/** One causal block with one head of 64, which tensor cores take in 16 bits. */
@Half
@LossScaled
public record SmallGpt(
    Embedding token,
    PositionEmbedding position,
    TransformerBlock block,
    LayerNorm norm,
    Projection head) {

  public static SmallGpt create(RandomGenerator random) {
    return new SmallGpt(
        new Embedding(11, 64, 0.5f, random),
        new PositionEmbedding(9, 64, 0.5f, random),
        new TransformerBlock(64, 1, true, random),
        new LayerNorm(64),
        new Projection(64, 11, random));
  }

  /** Ids and the next ones are (batch, 9), below 11. */
  public Tensor loss(Tensor ids, Tensor next) {
    Tensor x = position.forward(token.forward(ids));
    return crossEntropy(head.forward(norm.forward(block.forward(x))), next);
  }
}
