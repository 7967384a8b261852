package dev.mezzo.processor.model;

import dev.mezzo.annotations.MixedForm.Precision;
import java.util.Collections;
import java.util.List;

/**
 * An annotated interface or abstract class: what the layers that implement it look like to those
 * that hold one of them without knowing which.
 *
 * @param isPublic whether the generated interface is public too
 * @param formals of {@code forward}
 * @param parents annotated interfaces that it extends
 * @param inherits whether {@code forward} is one of theirs
 * @param several whether it returns a record of tensors
 */
public record LayerContract(
    ClassName type,
    boolean isPublic,
    Precision precision,
    List<Formal> formals,
    List<ClassName> parents,
    boolean inherits,
    boolean several,
    SourcePosition position) {

  /** What callers may count on: tensors in the contract's precision, each with a gradient. */
  public LayerInterface border() {
    int inputs = inputs().size();
    return new LayerInterface(
        Collections.nCopies(inputs, precision), Collections.nCopies(inputs, true), precision, true);
  }

  /** The tensor parameters, in order. */
  public List<Value> inputs() {
    return Formal.tensors(formals);
  }
}
