/**
 * The kernels as plain loops on one thread: what the other backends are checked against, and what
 * runs where none of them can. Each kernel widens its operands to Java arrays, computes in double
 * precision, and rounds to FP32 and then to the result's type; written to be read. Imports no other
 * backend.
 */
@NullMarked
package dev.mezzo.backend.scalar;

import org.jspecify.annotations.NullMarked;
