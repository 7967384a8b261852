package dev.mezzo.processor.plan;

/**
 * A constant of the generated class: an expression in one pass.
 *
 * @param name of the field
 * @param formula as {@code dev.mezzo.Fused} reads it
 */
public record FusedPlan(String name, String formula) {}
