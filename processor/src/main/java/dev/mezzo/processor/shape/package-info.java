/**
 * The shape of every value of a layer, as far as it can be told at compile time, and where shapes
 * do not fit. Knows the model; decides nothing of what is generated.
 */
@NullMarked
package dev.mezzo.processor.shape;

import org.jspecify.annotations.NullMarked;
