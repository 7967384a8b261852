package dev.mezzo.backend;

import org.jspecify.annotations.Nullable;

/**
 * Where a norm's gradients go.
 *
 * @param dx null where it is not wanted
 * @param dBias null where there is no bias
 */
public record RowNormGradients(@Nullable Operand dx, Operand dWeight, @Nullable Operand dBias) {}
