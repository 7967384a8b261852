/** Wires the stages of the annotation processor: read, check, plan, emit. Nothing else. */
@NullMarked
package dev.mezzo.processor;

import org.jspecify.annotations.NullMarked;
