package dev.mezzo.processor.model;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is known of a layer's shapes before any operation is looked at.
 *
 * @param fields of parameters, by name
 * @param values by function, of what it receives and of local variables
 * @param results by function, of what it returns
 * @param numbers names of the class's int fields and of its constructors' int parameters: a
 *     dimension of that name is the same in all calls of one layer
 * @param constructions where sub-layers come from; at least one, which may know nothing
 */
public record DeclaredShapes(
    Map<String, DeclaredShape> fields,
    Map<String, Map<Value, DeclaredShape>> values,
    Map<String, DeclaredShape> results,
    Set<String> numbers,
    List<Construction> constructions) {

  /** Nothing is known. */
  public static DeclaredShapes none(SourcePosition layer) {
    return new DeclaredShapes(
        Map.of(),
        Map.of(),
        Map.of(),
        Set.of(),
        List.of(new Construction(layer, Map.of(), Map.of())));
  }
}
