package dev.mezzo.processor.model;

/**
 * A field or record component of type {@code Parameter}, or with several of them.
 *
 * @param access how generated code reads it from the model: {@code weight}, or {@code weight()} of
 *     a record
 * @param optional whether the field may be null: the class compares it with that
 * @param master whether an FP32 master copy is what the optimizer updates
 */
public record ParameterModel(
    String name,
    String access,
    Holder holder,
    boolean optional,
    boolean master,
    SourcePosition position) {}
