/**
 * Trains the MNIST classifier in one of its forms and measures it: losses, accuracies, times,
 * memory, gradients too small for FP16, updates lost. Prints nothing, writes nothing.
 */
@NullMarked
package dev.mezzo.examples.training;

import org.jspecify.annotations.NullMarked;
