package dev.mezzo.processor.model;

import java.util.List;

/**
 * A field or record component as it is declared, and where the class reads and writes it.
 *
 * @param type its qualified type
 * @param isPrivate of a record component: false, its accessor is not
 * @param isFinal whether it is assigned once
 * @param master whether it, not its class, is annotated with {@code @MasterFp32}
 * @param reads where {@code forward} or {@code loss}, or a method that they call, reads it
 * @param writes assignments outside of constructors and initializers
 * @param position its name
 * @param typePosition its type
 * @param masterPosition the annotation {@code @MasterFp32}, else the name
 */
public record FieldDeclaration(
    String name,
    Kind kind,
    String type,
    boolean isPrivate,
    boolean isFinal,
    boolean master,
    List<SourcePosition> reads,
    List<SourcePosition> writes,
    SourcePosition position,
    SourcePosition typePosition,
    SourcePosition masterPosition) {

  /** What a field is to the compiler. */
  public enum Kind {
    /** A {@code Parameter}. */
    PARAMETER,
    /** A layer: its type is annotated with {@code @Half} or {@code @Full}. */
    SUB_LAYER,
    /** Its type has a forward method, but no annotation. */
    UNANNOTATED_LAYER,
    /** A {@code State}: numbers that are no parameter. */
    STATE,
    /** A tensor that is no parameter. */
    TENSOR,
    /** Plain Java. */
    PLAIN
  }
}
