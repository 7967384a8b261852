package dev.mezzo.backend;

import dev.mezzo.backend.Attention.Heads;

/**
 * Scaled dot-product attention. For each batch entry, head and query: {@code s[j] = scale·q·k[j] +
 * mask[j]} over the keys that it may see, {@code p = softmax(s)}, {@code y = Σ p[j]·v[j]}, in FP32,
 * rounded once. The matrix of scores is never in memory: keys come in blocks, with a running
 * maximum and sum. Where tensor cores multiply, p and its slopes are rounded to the operands'
 * 16-bit type as factors of products, and there alone. A query that sees no key, or only ones that
 * the mask hides, has y = 0.
 *
 * @see <a href="https://arxiv.org/abs/2205.14135">Dao et al., FlashAttention</a>
 */
public interface AttentionKernels {

  /**
   * The result, and {@code logSums = log Σ eˢ}, FP32 (batch, heads, queries), for the gradient;
   * −Inf where nothing is seen.
   */
  void forward(Attention attention, @Writes Heads y, Operand logSums);

  /**
   * The gradients of q, k and v. {@code p = e^(s − logSums)} is computed again; {@code dv = Σ
   * p·dy}; {@code ds = p·(dy·v − dy·y)}; {@code dq = scale·Σ ds·k}; {@code dk = scale·Σ ds·q}.
   * Where several query heads share a key head its gradients are summed in FP32.
   */
  void gradient(
      Attention attention, Saved saved, @Writes Heads dq, @Writes Heads dk, @Writes Heads dv);

  /**
   * What the gradient reads besides the operands.
   *
   * @param y the result, as it was stored
   */
  record Saved(Heads dy, Heads y, Operand logSums) {}
}
