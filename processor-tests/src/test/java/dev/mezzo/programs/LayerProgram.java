package dev.mezzo.programs;

import java.util.List;

/**
 * A layer's class.
 *
 * @param annotation {@code @Half} or {@code @Full}
 * @param methods {@code forward} first
 */
public record LayerProgram(
    String name, String annotation, List<Field> fields, List<Method> methods) {

  /** A record's component. */
  public record Field(String type, String name) {}

  /**
   * A method.
   *
   * @param head what stands in front of the name
   * @param tensors the names of its tensor arguments
   * @param plain those of its int arguments, behind them
   */
  public record Method(
      String head, String name, List<String> tensors, List<String> plain, List<Statement> body) {
    Method with(List<Statement> other) {
      return new Method(head, name, tensors, plain, other);
    }
  }

  Method method(String name) {
    return methods.stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
  }

  LayerProgram with(List<Method> other) {
    return new LayerProgram(name, annotation, fields, other);
  }
}
