/**
 * What a user imports: {@link dev.mezzo.Tensor} and {@link dev.mezzo.Parameter}, {@link
 * dev.mezzo.Device}, the operations {@link dev.mezzo.Ops} with their gradients by family, and what
 * generated code is built on: tape, weights, training. Knows the kernels only through {@code
 * dev.mezzo.backend}; {@link dev.mezzo.Backends} alone names their implementations.
 */
@NullMarked
package dev.mezzo;

import org.jspecify.annotations.NullMarked;
