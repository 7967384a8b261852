/** Two networks that learn from each other, each in a training of its own. */
@NullMarked
package dev.mezzo.examples.gan;

import org.jspecify.annotations.NullMarked;
