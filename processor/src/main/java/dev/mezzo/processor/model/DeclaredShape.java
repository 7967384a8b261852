package dev.mezzo.processor.model;

import dev.mezzo.processor.dims.ShapeTerm;

/**
 * A shape that the user has written, or that follows from how a parameter is made.
 *
 * @param position where
 */
public record DeclaredShape(ShapeTerm shape, SourcePosition position) {}
