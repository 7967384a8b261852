package dev.mezzo.processor.shape;

import dev.mezzo.processor.dims.ShapeRule;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.Construction;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.problem.Note;
import dev.mezzo.processor.problem.Problem;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Finds the shapes of a layer: once with what holds wherever it is made, and once for each place
 * where its class makes it.
 */
public final class ShapeInference {

  private ShapeInference() {}

  /** The layer's shapes; {@code signatures} knows its sub-layers', where anything does. */
  public static LayerShapes infer(
      LayerModel layer, Function<ClassName, Optional<ShapeRule>> signatures) {
    List<Construction> constructions = layer.shapes().constructions();
    Construction common =
        constructions.size() == 1
            ? constructions.getFirst()
            : new Construction(layer.position(), Map.of(), Map.of());
    LayerWalk walk = LayerWalk.walk(layer, signatures, common);
    Map<String, Problem> problems = new LinkedHashMap<>();
    walk.problems().forEach(problem -> problems.put(key(problem), problem));
    if (constructions.size() > 1) {
      for (Construction construction : constructions) {
        Note note =
            new Note(
                "with '" + layer.type().name() + "' as it is made here", construction.position());
        LayerWalk.walk(layer, signatures, construction)
            .problems()
            .forEach(problem -> problems.putIfAbsent(key(problem), problem.with(List.of(note))));
      }
    }
    return new LayerShapes(walk.values(), walk.signature(), List.copyOf(problems.values()));
  }

  /** One problem an expression. */
  private static String key(Problem problem) {
    return problem.position().file() + ":" + problem.position().line() + ":" + problem.entry();
  }
}
