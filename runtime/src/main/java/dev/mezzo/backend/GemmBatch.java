package dev.mezzo.backend;

/**
 * Where the matrices of several products of one shape are: contiguous, one behind the other.
 *
 * @param count how many products
 * @param a elements from one left matrix to the next; 0 where all have the same
 * @param b of the right ones; 0 where all have the same
 * @param c of the results, which are all different
 */
public record GemmBatch(int count, long a, long b, long c) {

  /** A single product. */
  public static final GemmBatch ONE = new GemmBatch(1, 0, 0, 0);
}
