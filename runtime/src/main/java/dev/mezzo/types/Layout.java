package dev.mezzo.types;

/**
 * What a gradient may know of an operand without its values: shape, element type, and whether its
 * last two dimensions are stored transposed (a view that {@code Ops.transpose} made).
 */
public record Layout(Shape shape, DType dtype, boolean transposed) {}
