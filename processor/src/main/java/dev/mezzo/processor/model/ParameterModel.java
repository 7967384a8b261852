package dev.mezzo.processor.model;

/**
 * A field or record component of type {@code Parameter}, or with several of them; or a parameter of
 * a sub-layer, which is asked for it.
 *
 * @param path where it stands in the layer: its name, or {@code embedding.weight}
 * @param access how generated code reads it from the model: {@code weight}, or {@code weight()} of
 *     a record
 * @param optional whether the field may be null: the class compares it with that
 * @param master whether an FP32 master copy is what the optimizer updates
 */
public record ParameterModel(
    String name,
    String path,
    String access,
    Holder holder,
    boolean optional,
    boolean master,
    SourcePosition position) {
  /** Whether a sub-layer holds it. */
  public boolean isOfSubLayer() {
    return !path.equals(name);
  }
}
