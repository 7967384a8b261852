package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.util.Arrays;
import java.util.List;

/**
 * A program with all that its kernel is made for.
 *
 * @param operands their types
 * @param results their types
 * @param readings how each operand is read
 */
record FusedForm(
    FusedProgram program, List<DType> operands, List<DType> results, List<Reading> readings) {

  /** How an operand is read. */
  enum Reading {
    /** Element by element. */
    PLAIN,
    /** One element for all. */
    REPEATED,
    /** By strides that the kernel is given. */
    BROADCAST;

    static Reading of(long[] strides) {
      return strides.length > 1 || strides[0] > 1 ? BROADCAST : strides[0] == 1 ? PLAIN : REPEATED;
    }
  }

  static FusedForm of(
      FusedProgram program, List<Operand> operands, List<Operand> results, Broadcast broadcast) {
    return new FusedForm(
        program,
        operands.stream().map(Operand::dtype).toList(),
        results.stream().map(Operand::dtype).toList(),
        Arrays.stream(broadcast.strides()).limit(operands.size()).map(Reading::of).toList());
  }

  /** Operands that its walk has strides of, at least one. */
  int walked() {
    return Math.max(1, operands.size());
  }
}
