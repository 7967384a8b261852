package dev.mezzo.backend;

import org.jspecify.annotations.Nullable;

/**
 * Dimensions of a connectionist temporal classification.
 *
 * @param classes including the blank, number 0
 * @param labels the most of a target
 * @param times INT32 (batch): how many steps each sequence has; null where all have {@code time}
 * @param lengths INT32 (batch): how many labels each target has; null where all have {@code labels}
 */
public record CtcShape(
    int time,
    int batch,
    int classes,
    int labels,
    @Nullable Operand times,
    @Nullable Operand lengths) {}
