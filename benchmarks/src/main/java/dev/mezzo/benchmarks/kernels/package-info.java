/**
 * Times the vector backend's kernels beside what the machine can do at most: first a probe of the
 * limits, then each kernel with its share of the limit that binds it. Nothing here trains.
 */
@NullMarked
package dev.mezzo.benchmarks.kernels;

import org.jspecify.annotations.NullMarked;
