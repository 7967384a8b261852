package dev.mezzo.processor.plan;

import java.util.Optional;

/**
 * A constant of the generated class: an expression in one pass.
 *
 * @param name of the field
 * @param formula as {@code dev.mezzo.Fused} reads it
 * @param marked the same with the operations and lines behind its parts; empty where that is one
 */
public record FusedPlan(String name, String formula, Optional<String> marked) {}
