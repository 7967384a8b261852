/**
 * The same weights, data and order through PyTorch and through generated code: losses and gradients
 * must agree.
 */
@NullMarked
package dev.mezzo.examples.parity;

import org.jspecify.annotations.NullMarked;
