package dev.mezzo.processor.fuse;

import dev.mezzo.processor.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

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

  /** A formula that one operation stands behind, which the mark tells of: {@code silu 24}. */
  record Marked(Element of, String mark) implements Element {}

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
          new Call(function, each(arguments, argument -> argument.with(replaced)));
      case Infix(Element left, char operator, Element right) ->
          new Infix(left.with(replaced), operator, right.with(replaced));
      case Negated(Element of) -> new Negated(of.with(replaced));
      case Marked(Element of, String mark) -> new Marked(of.with(replaced), mark);
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
          new Call(function, each(arguments, argument -> argument.naming(part, name)));
      case Infix(Element left, char operator, Element right) ->
          new Infix(left.naming(part, name), operator, right.naming(part, name));
      case Negated(Element of) -> new Negated(of.naming(part, name));
      case Marked(Element of, String mark) -> new Marked(of.naming(part, name), mark);
    };
  }

  /** Adds the names in it, in order. */
  default void names(Set<String> names) {
    switch (this) {
      case Name(String name) -> names.add(name);
      case Literal _ -> {}
      case Call(String _, var arguments) -> arguments.forEach(argument -> argument.names(names));
      case Infix(Element left, char _, Element right) -> {
        left.names(names);
        right.names(names);
      }
      case Negated(Element of) -> of.names(names);
      case Marked(Element of, String _) -> of.names(names);
    }
  }

  /** As written. */
  default String text() {
    StringBuilder text = new StringBuilder();
    write(text, Optional.empty());
    return text.toString();
  }

  /** The same with marks behind functions and operators: {@code silu[silu 24](gate)}. */
  default String marked() {
    StringBuilder text = new StringBuilder();
    write(text, Optional.of(""));
    return text.toString();
  }

  /**
   * Writes it.
   *
   * @param mark of what is around it; empty where marks are not written
   */
  private void write(StringBuilder text, Optional<String> mark) {
    String behind = mark.filter(of -> !of.isEmpty()).map(of -> "[" + of + "]").orElse("");
    switch (this) {
      case Name(String name) -> text.append(name);
      case Literal(String number) -> text.append(number);
      case Call(String function, var arguments) -> {
        text.append(function).append(behind);
        String before = "(";
        for (Element argument : arguments) {
          argument.write(text.append(before), mark);
          before = ", ";
        }
        text.append(')');
      }
      case Infix(Element left, char operator, Element right) -> {
        left.write(text, strength(operator), mark);
        text.append(' ').append(operator).append(behind).append(' ');
        right.write(text, strength(operator) + 1, mark);
      }
      case Negated(Element of) -> of.write(text.append('-').append(behind), 2, mark);
      case Marked(Element of, String own) -> of.write(text, mark.map(_ -> own));
    }
  }

  private void write(StringBuilder text, int least, Optional<String> mark) {
    if (strength() < least) {
      write(text.append('('), mark);
      text.append(')');
    } else {
      write(text, mark);
    }
  }

  /** How strongly it holds together. */
  private int strength() {
    return switch (this) {
      case Infix(Element _, char operator, Element _) -> strength(operator);
      case Negated _ -> 1;
      case Literal(String number) -> number.startsWith("-") ? 1 : 3;
      case Marked(Element of, String _) -> of.strength();
      default -> 3;
    };
  }

  private static List<Element> each(List<Element> elements, UnaryOperator<Element> change) {
    List<Element> changed = new ArrayList<>(elements.size());
    for (Element element : elements) {
      changed.add(change.apply(element));
    }
    return changed;
  }

  private static int strength(char operator) {
    return operator == '+' || operator == '-' ? 1 : 2;
  }
}
