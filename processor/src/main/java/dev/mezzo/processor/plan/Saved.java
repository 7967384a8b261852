package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Value;
import java.util.List;

/**
 * An entry on the tape.
 *
 * @param value what forward saves; of plain Java, the name that it has got
 * @param restored the same in backward; of a layout, the layout's name
 * @param type of plain Java, its qualified type
 * @param precision of a tensor or layout
 * @param readers the gradients that read it, in forward order
 */
public record Saved(
    Value value,
    Value restored,
    Content content,
    String type,
    Precision precision,
    List<Reader> readers) {

  /** The same entry, of what is in that variable. */
  Saved of(Value variable) {
    return new Saved(variable, restored, content, type, precision, readers);
  }

  /** What is saved. */
  public enum Content {
    /** The tensor: one more owner of the same memory. */
    TENSOR,
    /** Only shape and precision. */
    LAYOUT,
    /** A plain value. */
    PLAIN
  }

  /**
   * A gradient that reads it.
   *
   * @param operation the operation's name
   * @param operand whose gradient it is; empty where the operation has only one
   */
  public record Reader(String operation, String operand) {
    /** Backward goes the way that forward has gone. */
    public static final Reader BRANCH = new Reader("branch", "");

    /** Backward makes as many passes as forward. */
    public static final Reader LOOP = new Reader("loop", "");

    /** Backward finds the same element of an array. */
    public static final Reader ELEMENT = new Reader("element", "");

    /** Forward runs again in backward. */
    public static final Reader RECOMPUTED = new Reader("recomputed", "");

    /** A gradient that may be zero is made in this layout. */
    public static final Reader ZEROS = new Reader("zeros", "");
  }
}
