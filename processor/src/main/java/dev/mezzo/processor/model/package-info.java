/**
 * A layer as the compiler sees it, from reader to emitter: records and sealed interfaces only.
 * Imports neither javac nor JavaPoet; knows no rule and no Java syntax beyond the text of plain
 * expressions.
 */
@NullMarked
package dev.mezzo.processor.model;

import org.jspecify.annotations.NullMarked;
