/** Runnable models on real data. */
@NullMarked
package dev.mezzo.examples;

import org.jspecify.annotations.NullMarked;
