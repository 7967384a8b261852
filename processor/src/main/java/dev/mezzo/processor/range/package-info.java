/**
 * Between which numbers the elements of a result lie, and which forms a better operation replaces:
 * the formulas and patterns that operations declare. Knows neither the model nor the compiler.
 */
@NullMarked
package dev.mezzo.processor.range;

import org.jspecify.annotations.NullMarked;
