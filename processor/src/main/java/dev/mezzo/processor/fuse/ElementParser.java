package dev.mezzo.processor.fuse;

import dev.mezzo.processor.syntax.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads elements' formulas. */
final class ElementParser {
  private final Tokens tokens;
  private final Set<String> names;

  ElementParser(String text, Set<String> names) {
    this.tokens = new Tokens(text);
    this.names = names;
  }

  Element parse() {
    Element element = sum();
    tokens.expectEnd();
    return element;
  }

  private Element sum() {
    Element sum = tokens.takeIf("-") ? new Element.Negated(product()) : product();
    while (tokens.peek().equals("+") || tokens.peek().equals("-")) {
      char operator = tokens.take().charAt(0);
      sum = new Element.Infix(sum, operator, product());
    }
    return sum;
  }

  private Element product() {
    Element product = factor();
    while (tokens.peek().equals("*") || tokens.peek().equals("/")) {
      char operator = tokens.take().charAt(0);
      product = new Element.Infix(product, operator, factor());
    }
    return product;
  }

  private Element factor() {
    if (tokens.takeIf("(")) {
      Element inner = sum();
      tokens.expect(")");
      return inner;
    }
    if (tokens.isNumber()) {
      return new Element.Literal(tokens.take());
    }
    if (tokens.isName() && tokens.isFollowedBy("(")) {
      String function = tokens.take();
      tokens.take();
      return new Element.Call(function, arguments());
    }
    if (!names.contains(tokens.peek())) {
      throw tokens.unexpected(
          "a number, a function or one of " + String.join(", ", names.stream().sorted().toList()));
    }
    return new Element.Name(tokens.take());
  }

  private List<Element> arguments() {
    List<Element> arguments = new ArrayList<>();
    do {
      arguments.add(sum());
    } while (tokens.takeIf(","));
    tokens.expect(")");
    return arguments;
  }
}
