/**
 * The plan as people read it: one JSON document a layer, and a page for a module. Text from plans;
 * knows neither the compiler nor JavaPoet.
 */
@NullMarked
package dev.mezzo.processor.report;

import org.jspecify.annotations.NullMarked;
