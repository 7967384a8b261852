/** Benchmarks of kernels and training steps. */
@NullMarked
package dev.mezzo.benchmarks;

import org.jspecify.annotations.NullMarked;
