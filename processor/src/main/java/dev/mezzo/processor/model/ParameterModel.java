package dev.mezzo.processor.model;

/**
 * A field or record component of type {@code Parameter}, or with several of them.
 *
 * @param access how generated code reads it from the model: {@code weight}, or {@code weight()} of
 *     a record
 * @param master whether an FP32 master copy is what the optimizer updates
 */
public record ParameterModel(
    String name, String access, Holder holder, boolean master, SourcePosition position) {}
