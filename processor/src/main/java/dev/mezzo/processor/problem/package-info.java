/**
 * What the processor tells the user: one catalogue of messages, and problems as values, which are
 * collected for a whole layer and printed once. Knows neither trees nor rules.
 */
@NullMarked
package dev.mezzo.processor.problem;

import org.jspecify.annotations.NullMarked;
