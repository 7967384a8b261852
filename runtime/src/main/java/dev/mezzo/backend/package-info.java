/**
 * The kernels' contract. {@link Backend} is implemented by {@code scalar} (plain loops, the oracle
 * and the fallback), {@code vector} (Vector API) and, later, a GPU. Imports {@code dev.mezzo.types}
 * and {@code dev.mezzo.scaling} alone; one implementation never imports another.
 */
@NullMarked
package dev.mezzo.backend;

import org.jspecify.annotations.NullMarked;
