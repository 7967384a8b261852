package dev.mezzo.backend;

import org.jspecify.annotations.Nullable;

/**
 * What an attention reads.
 *
 * @param mask added to the scores; null for none
 */
public record Attention(
    AttentionShape shape, Heads q, Heads k, Heads v, @Nullable AttentionMask mask) {

  /**
   * The heads of queries, keys, values or results, in the rows of a matrix.
   *
   * @param operand (batch·time) rows of {@code stride} elements
   * @param offset of head 0 in a row; the others follow it
   */
  public record Heads(Operand operand, int offset, int stride) {

    /** The index of the first element of a head. */
    public long index(long row, int head, int headDim) {
      return row * stride + offset + (long) head * headDim;
    }
  }

  /**
   * Numbers that are added to the scores; −Inf hides a key from a query.
   *
   * @param values the keys of a row are neighbours
   * @param batchStride elements from a batch entry to the next, 0 where they share a mask; the
   *     other strides likewise
   */
  public record AttentionMask(Operand values, long batchStride, long headStride, long queryStride) {

    /** The index of the first key's number. */
    public long index(int batch, int head, int query) {
      return batch * batchStride + head * headStride + query * queryStride;
    }
  }
}
