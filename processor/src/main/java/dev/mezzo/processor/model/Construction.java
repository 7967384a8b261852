package dev.mezzo.processor.model;

import dev.mezzo.processor.dims.Dim;
import java.util.Map;

/**
 * A place where a layer gets its sub-layers: its own initializers and constructor, or a call of
 * that constructor.
 *
 * @param subLayers by field, the numbers that the sub-layer's constructor is given, by the names of
 *     its parameters
 * @param parameters by field, the shapes that they are made with
 */
public record Construction(
    SourcePosition position,
    Map<String, Map<String, Dim>> subLayers,
    Map<String, DeclaredShape> parameters) {}
