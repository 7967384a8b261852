/**
 * The backend on an NVIDIA GPU: the kernels of {@code src/main/cuda}, started on one stream, and
 * matrix products by cuBLASLt. {@code ffi} holds the bindings; a class here is the Java side of one
 * family of kernels, or of the device that they share: its memory, module and stream.
 */
@NullMarked
package dev.mezzo.backend.cuda;

import org.jspecify.annotations.NullMarked;
