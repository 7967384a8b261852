package dev.mezzo.processor.problem;

import dev.mezzo.processor.model.SourcePosition;

/**
 * Where a problem comes from: printed behind it, on its own tree.
 *
 * @param message as javac prints it, behind "Note:"
 */
public record Note(String message, SourcePosition position) {}
