/**
 * Turns plans into Java, with JavaPoet. Decides nothing but layout and names of imports; every
 * method that writes code carries an example of its output.
 */
@NullMarked
package dev.mezzo.processor.emit;

import org.jspecify.annotations.NullMarked;
