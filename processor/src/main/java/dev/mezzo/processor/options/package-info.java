/**
 * What the user asks of the processor with {@code -Amezzo.…}; every option has its one place here.
 */
@NullMarked
package dev.mezzo.processor.options;

import org.jspecify.annotations.NullMarked;
