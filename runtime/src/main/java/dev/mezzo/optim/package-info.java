/**
 * What the update does: {@link Optimizer}s and their learning rate {@link Schedule}s. Immutable
 * rules; the state that they work on (momentum, variance, step counts) is the training's, in the
 * backend's memory. Imports the kernels' contract, never {@code dev.mezzo}.
 */
@NullMarked
package dev.mezzo.optim;

import org.jspecify.annotations.NullMarked;
