package dev.mezzo.backend;

/**
 * Dimensions of an attention.
 *
 * @param heads of queries; a multiple of {@code keyHeads}
 * @param keyHeads of keys and values: query head h reads number h / (heads / keyHeads)
 * @param scale of the scores
 * @param causal whether query i sees only keys up to {@code i + keys − queries}
 */
public record AttentionShape(
    int batch,
    int heads,
    int keyHeads,
    int queries,
    int keys,
    int headDim,
    float scale,
    boolean causal) {

  /** Query heads to a key head. */
  public int group() {
    return heads / keyHeads;
  }

  /** How many keys, from the first on, a query may see. */
  public int visible(int query) {
    return causal ? Math.clamp((long) query + 1 + keys - queries, 0, keys) : keys;
  }
}
