/**
 * Files: written whole or not at all, and tensors in the safetensors format. Knows element types
 * and shapes, but neither tensors nor trainings.
 */
@NullMarked
package dev.mezzo.io;

import org.jspecify.annotations.NullMarked;
