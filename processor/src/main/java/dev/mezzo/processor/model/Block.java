package dev.mezzo.processor.model;

import java.util.List;

/** Statements in order. */
public record Block(List<Statement> statements) {}
