package dev.mezzo.backend;

/**
 * How rows are normalised.
 *
 * @param rows how many
 * @param cols elements of a row
 * @param epsilon added to the mean square, FP32
 * @param centered whether the row's mean is subtracted first (layer norm), or not (RMS norm)
 */
public record RowNorm(int rows, int cols, float epsilon, boolean centered) {}
