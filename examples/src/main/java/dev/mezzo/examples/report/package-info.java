/**
 * What a run is told as: a table, a page, a JSON file. Reads results, measures nothing. Files
 * appear whole or not at all.
 */
@NullMarked
package dev.mezzo.examples.report;

import org.jspecify.annotations.NullMarked;
