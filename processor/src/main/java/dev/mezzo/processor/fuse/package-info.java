/**
 * Element-wise expressions: the formulas by which operations and gradients declare that they can be
 * computed in one pass with others. Text in, text out; knows no operation.
 */
@NullMarked
package dev.mezzo.processor.fuse;

import org.jspecify.annotations.NullMarked;
