/**
 * Random programs of the language that {@code forward} is written in: as trees, as Java source, as
 * an interpreter in FP64, and broken ones.
 */
@NullMarked
package dev.mezzo.programs;

import org.jspecify.annotations.NullMarked;
