package dev.mezzo;

import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import java.util.List;

/**
 * Is told of each kernel that runs on a watched device, by the thread that runs it. INT32 operands
 * are left out.
 */
interface KernelListener {

  /** The kernel that is about to run computes an expression in one pass. */
  default void expression(Expression expression) {}

  /** Whether kernels may finish their results with an expression. */
  default boolean finishes() {
    return true;
  }

  /** The kernel is about to run: what it reads is as it was. */
  default void before(List<Operand> operands) {}

  /** The kernel has run: what it wrote may be read. */
  void after(List<Operand> results);

  /** An expression that is about to be computed. */
  interface Expression {

    FusedProgram program();

    /** How many elements each value has. */
    long size();

    /** Computes one of the program's values alone, into other memory. */
    void compute(int value, Operand into);
  }
}
