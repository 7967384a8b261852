package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.SourcePosition;
import java.util.List;
import java.util.Optional;

/**
 * A line of the table in the generated class's Javadoc: an operation.
 *
 * @param function where it stands
 * @param operation its name, or that of the sub-layer
 * @param operands the tensors that it reads
 * @param computes whether it does arithmetic, accumulating in FP32; not where it only moves data or
 *     is another layer's affair
 * @param saved what is saved right after it
 * @param loop the innermost loop around it: what is saved is saved in each pass
 * @param made the tensor that it is about, by name; empty where it is about none
 * @param flow whether it is a branch or a loop, or what comes out of it, not an operation
 */
public record Row(
    String function,
    SourcePosition position,
    String operation,
    List<Operand> operands,
    boolean computes,
    Precision precision,
    List<Bytes> saved,
    Optional<SourcePosition> loop,
    Optional<String> made,
    boolean flow) {

  /** The same row, of something that does arithmetic or does not. */
  Row computing(boolean arithmetic) {
    return new Row(
        function, position, operation, operands, arithmetic, precision, saved, loop, made, flow);
  }

  /** The same row, about a tensor. */
  Row about(String tensor) {
    return new Row(
        function,
        position,
        operation,
        operands,
        computes,
        precision,
        saved,
        loop,
        Optional.of(tensor),
        flow);
  }

  /** A tensor by name, and what it is read in. */
  public record Operand(String name, Precision precision) {}

  /**
   * Bytes on the tape.
   *
   * @param tensor its name
   * @param shared whether another entry of this function holds the same memory already
   */
  public record Bytes(String tensor, Precision precision, boolean shared) {}
}
