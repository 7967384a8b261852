package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import org.jspecify.annotations.Nullable;

/**
 * Gradients of attention. Each has its operand's shape and element type; computed in FP32, the
 * probabilities again, and rounded once.
 */
public final class AttentionGradients {

  private AttentionGradients() {}

  /**
   * With p the probabilities: {@code dv = pᵀ·dy}, {@code ds = p·(dy·vᵀ − Σ dy·y)}, {@code dq =
   * scale·ds·k}, {@code dk = scale·dsᵀ·q}.
   */
  @Gradient(
      of = "attention(q, k, v, heads, causal)",
      wrt = {"q", "k", "v"})
  public static @Nullable Tensor[] attentionGradient(
      Tape tape,
      Tensor dy,
      Tensor y,
      Tensor q,
      Tensor k,
      Tensor v,
      int heads,
      boolean causal,
      boolean wantDq,
      boolean wantDk,
      boolean wantDv) {
    return WantedGradients.of(
        Attentions.gradient(tape, dy, y, q, k, v, new Attentions.Settings(heads, causal, null)),
        wantDq,
        wantDk,
        wantDv);
  }

  /** As the other; the mask has no gradient. */
  @Gradient(
      of = "attention(q, k, v, mask, heads)",
      wrt = {"q", "k", "v"})
  public static @Nullable Tensor[] attentionGradient(
      Tape tape,
      Tensor dy,
      Tensor y,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor mask,
      int heads,
      boolean wantDq,
      boolean wantDk,
      boolean wantDv) {
    return WantedGradients.of(
        Attentions.gradient(tape, dy, y, q, k, v, new Attentions.Settings(heads, false, mask)),
        wantDq,
        wantDk,
        wantDv);
  }

  /** The gradients of queries, keys and values, side by side as they are. */
  @Gradient(of = "selfAttention", wrt = "qkv")
  public static Tensor selfAttentionGradient(
      Tape tape, Tensor dy, Tensor y, Tensor qkv, int heads, int keyHeads, boolean causal) {
    return Attentions.selfAttentionGradient(tape, dy, y, qkv, heads, keyHeads, causal);
  }
}
