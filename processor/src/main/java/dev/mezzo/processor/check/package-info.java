/**
 * What is wrong with a layer that could be read: one rule a file, each a pure function from records
 * to problems. Knows neither trees nor how problems are printed.
 */
@NullMarked
package dev.mezzo.processor.check;

import org.jspecify.annotations.NullMarked;
