package dev.mezzo.processor.model;

import dev.mezzo.processor.range.CallPattern;

/**
 * Nested calls that a better operation replaces.
 *
 * @param better how that one is called, as in {@code logSoftmax(x)}
 */
public record Replacement(CallPattern.Of form, String better) {}
