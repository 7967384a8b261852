/**
 * Kernels on the CPU with the Vector API: {@link dev.mezzo.backend.vector.VectorBackend} and its
 * pool of threads.
 *
 * <p>A file a family of kernels. All work in FP32: chunks of 16-bit operands are widened into small
 * per-thread arrays ({@code Scratch}), computed, and narrowed once; no FP32 copy of a tensor is
 * ever made, except for the packed block of a product's left operand. Nothing here knows tensors,
 * shapes of more than two dimensions, or another backend. Vectors never cross a method that the
 * compiler might not inline, and species are constants ({@code Lanes}): otherwise each would be a
 * heap object.
 */
@NullMarked
package dev.mezzo.backend.vector;

import org.jspecify.annotations.NullMarked;
