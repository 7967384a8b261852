package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.types.Layout;

/** The gradients of embeddings. */
public final class EmbeddingGradients {

  private EmbeddingGradients() {}

  /**
   * Each row the sum of dy at the places that name it, in FP32, rounded once; 0 for the others.
   * Places whose index is out of range are passed over.
   */
  @Gradient(of = "embedding", wrt = "weight")
  public static Tensor embeddingGradient(Tensor dy, Layout weight, Tensor indices) {
    return embeddingGradient(GradientSum.none(), dy, weight, indices);
  }

  /**
   * {@link #embeddingGradient(Tensor, Layout, Tensor)}, added to the sum: rows that no index names
   * are not touched.
   */
  public static Tensor embeddingGradient(
      GradientSum sum, Tensor dy, Layout weight, Tensor indices) {
    return Embeddings.gradient(sum, dy, weight, indices);
  }

  /** dy itself. */
  @Gradient(of = "addPositions", wrt = "x")
  public static Tensor addPositionsGradientX(Tensor dy) {
    return dy.retain();
  }

  /** dy summed over all sequences; 0 for positions behind their end. */
  @Gradient(of = "addPositions", wrt = "weight")
  public static Tensor addPositionsGradientWeight(Tensor dy, Layout weight) {
    return addPositionsGradientWeight(GradientSum.none(), dy, weight);
  }

  /** {@link #addPositionsGradientWeight(Tensor, Layout)}, added to the sum. */
  public static Tensor addPositionsGradientWeight(GradientSum sum, Tensor dy, Layout weight) {
    return Embeddings.positionsGradient(sum, dy, weight);
  }

  /** dy, turned back. */
  @Gradient(of = "rotary", wrt = "x")
  public static Tensor rotaryGradient(Tensor dy, int heads, int rotated, int first, float base) {
    return Embeddings.rotary(
        "rotaryGradient", dy, new Embeddings.Turn(heads, rotated, first, base), true);
  }
}
