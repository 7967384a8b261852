package dev.mezzo.benchmarks.kernels;

import java.util.function.Supplier;

/**
 * A kernel on given operands.
 *
 * @param kernel its name
 * @param shape of its operands
 * @param types of its operands
 * @param flop floating-point operations of a call, for a kernel bound by arithmetic; else 0
 * @param bytes read and written by a call
 * @param prepare makes the operands, and gives one call
 */
record KernelCase(
    String kernel,
    String shape,
    String types,
    double flop,
    long bytes,
    Supplier<Runnable> prepare) {

  boolean matches(String wanted) {
    return (kernel + " " + shape + " " + types).contains(wanted);
  }

  /** Whether that is its name, shape and types. */
  boolean isNamed(String wanted) {
    return (kernel + " " + shape + " " + types).equals(wanted);
  }

  boolean boundByArithmetic() {
    return flop > 0;
  }
}
