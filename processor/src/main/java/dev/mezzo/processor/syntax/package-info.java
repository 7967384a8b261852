/** Reading the small languages in which annotations speak. */
@NullMarked
package dev.mezzo.processor.syntax;

import org.jspecify.annotations.NullMarked;
