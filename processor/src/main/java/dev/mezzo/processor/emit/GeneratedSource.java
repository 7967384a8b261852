package dev.mezzo.processor.emit;

import dev.mezzo.processor.model.ClassName;

/**
 * A generated class.
 *
 * @param name the class
 * @param code the whole file
 */
public record GeneratedSource(ClassName name, String code) {}
