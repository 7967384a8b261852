/**
 * What {@code bench step} trains: models, batches and optimizers equal to those of the peers'
 * scripts. Timing is the package's above.
 */
@NullMarked
package dev.mezzo.benchmarks.workloads;

import org.jspecify.annotations.NullMarked;
