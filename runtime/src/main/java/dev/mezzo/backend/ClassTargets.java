package dev.mezzo.backend;

import org.jspecify.annotations.Nullable;

/**
 * What rows of logits are compared with.
 *
 * @param labels INT32, one for each row
 * @param classWeights one for each column, of any float type; null for ones
 * @param rowWeights one for each row, of any float type; null for ones
 * @param smoothing ε: the target is 1 − ε of the label and ε spread over all columns
 * @param ignored rows of this label count for nothing
 */
public record ClassTargets(
    Operand labels,
    @Nullable Operand classWeights,
    @Nullable Operand rowWeights,
    float smoothing,
    int ignored,
    int rows,
    int cols) {}
