package dev.mezzo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * The operands of a rule of shapes, {@code a(..., m, k), b(..., k, n)}: for each the text of its
 * dimensions, which {@link #dim} computes.
 */
final class ShapePattern {

  private final String text;
  private final ToIntFunction<String> symbols;
  private int at;

  private ShapePattern(String text, ToIntFunction<String> symbols) {
    this.text = text;
    this.symbols = symbols;
  }

  /** The texts of each operand's dimensions, by its name; empty where the rule names none. */
  static Map<String, List<String>> operands(String rule) {
    Map<String, List<String>> operands = new LinkedHashMap<>();
    String left = rule.substring(0, rule.indexOf("->")).strip();
    for (String operand : parts(left)) {
      int open = operand.indexOf('(');
      operands.put(
          operand.substring(0, open).strip(),
          parts(operand.substring(open + 1, operand.lastIndexOf(')'))));
    }
    return operands;
  }

  /**
   * What a dimension's text comes to.
   *
   * @param symbols the value of a name
   */
  static int dim(String text, ToIntFunction<String> symbols) {
    return new ShapePattern(text.replace(" ", ""), symbols).sum();
  }

  /** Split at the commas that are in no parentheses. */
  private static List<String> parts(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int from = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (c == ',' && depth == 0) {
        parts.add(text.substring(from, i).strip());
        from = i + 1;
      }
    }
    if (from < text.length()) {
      parts.add(text.substring(from).strip());
    }
    return parts;
  }

  private int sum() {
    int value = product();
    while (at < text.length() && (next() == '+' || next() == '-')) {
      value = text.charAt(at++) == '+' ? value + product() : value - product();
    }
    return value;
  }

  private int product() {
    int value = factor();
    while (at < text.length() && (next() == '*' || next() == '/')) {
      value = text.charAt(at++) == '*' ? value * factor() : value / factor();
    }
    return value;
  }

  private int factor() {
    if (next() == '(') {
      at++;
      int value = sum();
      at++;
      return value;
    }
    int from = at;
    while (at < text.length() && (Character.isLetterOrDigit(next()) || next() == '.')) {
      at++;
    }
    String word = text.substring(from, at);
    return Character.isDigit(word.charAt(0)) ? Integer.parseInt(word) : symbols.applyAsInt(word);
  }

  private char next() {
    return text.charAt(at);
  }
}
