/**
 * Turns annotated source into the records of {@code model}. The only package that touches {@code
 * javax.lang.model} and {@code com.sun.source}; what it cannot understand it reports as a problem
 * on the exact tree. Decides nothing: no rule, no precision.
 */
@NullMarked
package dev.mezzo.processor.read;

import org.jspecify.annotations.NullMarked;
