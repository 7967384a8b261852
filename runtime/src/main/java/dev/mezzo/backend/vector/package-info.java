/**
 * Kernels on the CPU with the Vector API: {@link dev.mezzo.backend.vector.VectorBackend} and its
 * pool of threads.
 *
 * <p>A file a family of kernels. All work in FP32: chunks of 16-bit operands are widened into small
 * per-thread arrays ({@code Scratch}), computed, and narrowed once; no FP32 copy of a tensor is
 * ever made, except for the packed block of a product's left operand. Nothing here knows tensors,
 * shapes of more than two dimensions, or another backend.
 *
 * <p>A vector that crosses a method which the compiler does not inline becomes a heap object, and a
 * loop some five to fifty times slower. HotSpot always inlines the Vector API's own methods; others
 * it stops inlining when what it compiles has grown to 18,000 nodes (an exponential function is
 * 13,000). So a kernel's loop is a method of its own that takes arrays, and calls nothing that
 * takes or gives vectors but the Vector API, and one of {@code VectorMath}'s functions at its
 * start, which call nothing else either. Species are constants ({@code Lanes}) for the same reason.
 */
@NullMarked
package dev.mezzo.backend.vector;

import org.jspecify.annotations.NullMarked;
