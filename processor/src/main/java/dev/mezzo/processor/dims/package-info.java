/**
 * Dimensions as integer polynomials of symbols, shapes of them, equations between them, and the
 * rules that operations declare. Knows neither the model nor the compiler.
 */
@NullMarked
package dev.mezzo.processor.dims;

import org.jspecify.annotations.NullMarked;
