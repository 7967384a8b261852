package dev.mezzo.processor.shape;

import dev.mezzo.processor.dims.ShapeTerm;
import dev.mezzo.processor.model.SourcePosition;

/**
 * A tensor's shape and where it comes from.
 *
 * @param origin as in "result of 'relu'" or "field 'weight'"
 */
record Shaped(ShapeTerm shape, String origin, SourcePosition position) {}
