package dev.mezzo.processor.shape;

import dev.mezzo.processor.dims.ShapeRule;
import dev.mezzo.processor.dims.ShapeTerm;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.problem.Problem;
import java.util.List;
import java.util.Map;

/**
 * The shapes of a layer.
 *
 * @param values by function, the shape of each tensor that it receives or computes; a helper's
 *     where it is called last
 * @param signature what callers must know: the entry as a rule, in which names that begin with
 *     {@code this.} belong to the layer, not to the call
 * @param problems where shapes do not fit
 */
public record LayerShapes(
    Map<String, Map<Value, ShapeTerm>> values, ShapeRule signature, List<Problem> problems) {}
