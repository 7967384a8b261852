package dev.mezzo.processor.fuse;

import dev.mezzo.processor.syntax.SyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An element of a result, as a formula of elements of other tensors and of numbers: {@code clamp(x,
 * least, most) * 2}. What functions there are is the runtime's affair: {@code dev.mezzo.Fused}.
 */
public sealed interface Element {

  /** A tensor's element, or a number that the code gives. */
  record Name(String name) implements Element {}

  /** A number, as written. */
  record Literal(String number) implements Element {}

  /** A function. */
  record Call(String function, List<Element> arguments) implements Element {}

  /** {@code left + right}, and the like. */
  record Infix(Element left, char operator, Element right) implements Element {}

  /** {@code −of}. */
  record Negated(Element of) implements Element {}

  /**
   * Reads a formula.
   *
   * @throws SyntaxException if it is none, or has names that are not among the given
   */
  static Element parse(String text, Set<String> names) {
    return new ElementParser(text, names).parse();
  }

  /** The formula with others in place of names. */
  default Element with(Map<String, Element> replaced) {
    return switch (this) {
      case Name(String name) -> replaced.getOrDefault(name, this);
      case Literal literal -> literal;
      case Call(String function, var arguments) ->
          new Call(function, arguments.stream().map(a -> a.with(replaced)).toList());
      case Infix(Element left, char operator, Element right) ->
          new Infix(left.with(replaced), operator, right.with(replaced));
      case Negated(Element of) -> new Negated(of.with(replaced));
    };
  }

  /** The formula with a part, wherever it occurs, under a name. */
  default Element naming(Element part, String name) {
    if (equals(part)) {
      return new Name(name);
    }
    return switch (this) {
      case Name _, Literal _ -> this;
      case Call(String function, var arguments) ->
          new Call(function, arguments.stream().map(a -> a.naming(part, name)).toList());
      case Infix(Element left, char operator, Element right) ->
          new Infix(left.naming(part, name), operator, right.naming(part, name));
      case Negated(Element of) -> new Negated(of.naming(part, name));
    };
  }

  /** The names in it, in order, as often as they occur. */
  default Stream<String> names() {
    return switch (this) {
      case Name(String name) -> Stream.of(name);
      case Literal _ -> Stream.of();
      case Call(String _, var arguments) -> arguments.stream().flatMap(Element::names);
      case Infix(Element left, char _, Element right) -> Stream.concat(left.names(), right.names());
      case Negated(Element of) -> of.names();
    };
  }

  /** As written. */
  default String text() {
    return switch (this) {
      case Name(String name) -> name;
      case Literal(String number) -> number;
      case Call(String function, var arguments) ->
          arguments.stream()
              .map(Element::text)
              .collect(Collectors.joining(", ", function + "(", ")"));
      case Infix(Element left, char operator, Element right) ->
          left.text(strength(operator)) + " " + operator + " " + right.text(strength(operator) + 1);
      case Negated(Element of) -> "-" + of.text(2);
    };
  }

  private String text(int least) {
    int own =
        switch (this) {
          case Infix(Element _, char operator, Element _) -> strength(operator);
          case Negated _ -> 1;
          case Literal(String number) -> number.startsWith("-") ? 1 : 3;
          default -> 3;
        };
    return own < least ? "(" + text() + ")" : text();
  }

  private static int strength(char operator) {
    return operator == '+' || operator == '-' ? 1 : 2;
  }
}
