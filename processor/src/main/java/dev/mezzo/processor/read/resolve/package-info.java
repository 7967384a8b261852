/**
 * What the names in a method body mean, found from the declarations alone.
 *
 * <p>javac would tell through {@code Trees.getElement}, but attributes the whole class in place for
 * that, and again after the last round: an explicit constructor of a record, of the class itself or
 * of any class nested beside it, then holds a {@code super()} that the first pass has put there,
 * and the second refuses it. So expressions are resolved here, by the rules of the language for the
 * expressions that a layer may hold; only the types of local variables are asked of javac, which
 * attributes a copy for them.
 */
@NullMarked
package dev.mezzo.processor.read.resolve;

import org.jspecify.annotations.NullMarked;
