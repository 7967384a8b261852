package dev.mezzo.programs;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A layer's class.
 *
 * @param annotation {@code @Half} or {@code @Full}, and {@code @Recompute}
 * @param methods {@code forward} first
 * @param open whether it implements the interface of its {@link Signature}
 */
public record LayerProgram(
    String name, String annotation, List<Field> fields, List<Method> methods, boolean open) {

  /** A record's component. */
  public record Field(String type, String name) {}

  /**
   * An argument.
   *
   * @param pair whether it is a {@code Pair} of tensors instead of one
   */
  public record Formal(String name, boolean pair) {
    String type() {
      return pair ? "Pair" : "Tensor";
    }
  }

  /**
   * What a caller of a method knows. Layers of the same may implement one interface: the library's
   * {@code Layer}, if one tensor comes and one goes.
   *
   * @param pairs for each argument that is not plain, whether it is a pair
   * @param plain how many int arguments stand behind them
   * @param pair whether it returns a pair
   */
  public record Signature(List<Boolean> pairs, int plain, boolean pair) {
    static final Signature UNARY = new Signature(List.of(false), 0, false);

    String interfaceName() {
      if (equals(UNARY)) {
        return "Layer";
      }
      String tensors = pairs.stream().map(p -> p ? "P" : "T").collect(Collectors.joining());
      return tensors + (plain == 0 ? "" : "I" + plain) + "To" + (pair ? "Pair" : "Tensor");
    }

    /** As Java. */
    String interfaceText(String annotation) {
      Stream<String> tensors =
          IntStream.range(0, pairs.size())
              .mapToObj(i -> (pairs.get(i) ? "Pair a" : "Tensor a") + i);
      Stream<String> ints = IntStream.range(0, plain).mapToObj(i -> "int n" + i);
      return "%s interface %s { %s forward(%s); }"
          .formatted(
              annotation,
              interfaceName(),
              pair ? "Pair" : "Tensor",
              Stream.concat(tensors, ints).collect(Collectors.joining(", ")));
    }
  }

  /**
   * A method.
   *
   * @param head what stands in front of the type
   * @param formals its arguments that are tensors, or pairs of them
   * @param plain the names of its int arguments, behind them
   * @param pair whether it returns a pair
   */
  public record Method(
      String head,
      String name,
      List<Formal> formals,
      List<String> plain,
      boolean pair,
      List<Statement> body) {
    Method with(List<Statement> other) {
      return new Method(head, name, formals, plain, pair, other);
    }

    Signature signature() {
      return new Signature(formals.stream().map(Formal::pair).toList(), plain.size(), pair);
    }
  }

  Method forward() {
    return methods.getFirst();
  }

  Method method(String name) {
    return methods.stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
  }

  LayerProgram with(List<Method> other) {
    return new LayerProgram(name, annotation, fields, other, open);
  }
}
