package dev.mezzo.backend;

/**
 * Dimensions of a product: (m, k) times (k, n) gives (m, n). Any of them may be 0; k = 0 gives
 * zeros (plus bias).
 */
public record GemmShape(int m, int n, int k) {}
