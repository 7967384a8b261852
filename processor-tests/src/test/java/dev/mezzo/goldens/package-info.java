/**
 * Sources that are right, and what the processor makes of them: as text, and as classes that run.
 */
@NullMarked
package dev.mezzo.goldens;

import org.jspecify.annotations.NullMarked;
