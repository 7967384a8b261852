package dev.mezzo.processor.model;

/**
 * A field or record component whose type is a layer.
 *
 * @param access how generated code reads it from the model: {@code hidden}, or {@code hidden()} of
 *     a record
 * @param full whether {@code @Full} on the field keeps it in FP32
 */
public record SubLayerModel(
    String name, String access, ClassName type, boolean full, SourcePosition position) {}
