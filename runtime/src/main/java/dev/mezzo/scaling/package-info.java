/**
 * The loss scale: an immutable state whose successor depends on whether the step's gradients were
 * finite. Imports nothing.
 */
@NullMarked
package dev.mezzo.scaling;

import org.jspecify.annotations.NullMarked;
