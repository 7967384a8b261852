package dev.mezzo.backend;

import java.util.List;

/** Element-wise programs in one pass: each operand is read once, each result written once. */
public interface FusedKernels {

  /**
   * Runs the program for each element, as {@link Backend} says of element-wise functions: FP32
   * between, one rounding to a result's type at the end. In FP32 the bits are those of its
   * operations one after the other.
   *
   * @param operands of any float type each
   * @param results of any float type each, contiguous with the dimensions of {@code broadcast}; one
   *     may be the memory of an operand of the same type that is not repeated
   * @param broadcast how each operand is read
   */
  void run(
      FusedProgram program,
      List<Operand> operands,
      @Writes List<Operand> results,
      Broadcast broadcast);
}
