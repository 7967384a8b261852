package dev.mezzo.processor.model;

/**
 * A field or record component that holds a layer, or several of one type.
 *
 * @param access how generated code reads it from the model: {@code hidden}, or {@code hidden()} of
 *     a record
 * @param type of the layer, or of each of them
 * @param open whether the type is an interface or abstract class, so that the layer is of another
 * @param optional whether the field may be null: the class compares it with that
 * @param full whether {@code @Full} on the field keeps it in FP32
 * @param recomputed whether forward runs again in backward: {@code @Recompute}
 */
public record SubLayerModel(
    String name,
    String access,
    ClassName type,
    boolean open,
    Holder holder,
    boolean optional,
    boolean full,
    boolean recomputed,
    SourcePosition position) {}
