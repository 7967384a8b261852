package dev.mezzo.backend;

/**
 * Which elements of one array go to which of another: for each index of {@code dims}, element
 * {@code from + Σ index·fromStrides} to element {@code to + Σ index·toStrides}. Distinct indices
 * have distinct targets. A dimension may be 0; rank is at least 1.
 */
public record Strided(int[] dims, long from, long[] fromStrides, long to, long[] toStrides) {}
