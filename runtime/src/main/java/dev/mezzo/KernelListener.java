package dev.mezzo;

import dev.mezzo.backend.Operand;
import java.util.List;

/**
 * Is told of each kernel that runs on a watched device, by the thread that runs it. INT32 operands
 * are left out.
 */
interface KernelListener {

  /** The kernel that is about to run computes an expression in one pass. */
  default void expression(String formula) {}

  /** The kernel is about to run: what it reads is as it was. */
  default void before(List<Operand> operands) {}

  /** The kernel has run: what it wrote may be read. */
  void after(List<Operand> results);
}
