package dev.mezzo.backend;

import java.util.List;

/**
 * Element-wise operations on what a kernel has computed, in FP32, before its one rounding. The
 * program's operand number 0 is the kernel's value, the others are read where the result is stored.
 *
 * @param program of one result
 * @param operands of any float type, without number 0: each has the result's size, or that of its
 *     last dimension, and is repeated along the others, or one element. None of them is the
 *     result's memory
 */
public record Tail(FusedProgram program, List<Operand> operands) {

  /** Copies the list. */
  public Tail {
    operands = List.copyOf(operands);
  }

  /** The same for a part of the results, whole rows from element {@code from} on. */
  public Tail slice(long from, long count, long whole) {
    return new Tail(
        program,
        operands.stream()
            .map(each -> each.size() == whole ? each.slice(from, count) : each)
            .toList());
  }
}
