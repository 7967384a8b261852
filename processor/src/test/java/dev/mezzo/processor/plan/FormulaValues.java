package dev.mezzo.processor.plan;

import dev.mezzo.processor.fuse.Element;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Formulas of expressions in one pass, on numbers; functions as {@link Arithmetic} has them. */
final class FormulaValues {
  private FormulaValues() {}

  /** The results of {@code (a, b; factor) -> a * factor, b}. */
  static List<Double> of(String formula, List<Double> tensors, List<Double> numbers) {
    int arrow = formula.indexOf(" -> ");
    String[] given = formula.substring(1, arrow - 1).split("; ", -1);
    Map<String, Double> values = new HashMap<>();
    put(given[0], tensors, values);
    if (given.length > 1) {
      put(given[1], numbers, values);
    }
    String bodies = "all(" + formula.substring(arrow + 4) + ")";
    Element.Call all = (Element.Call) Element.parse(bodies, values.keySet());
    List<Double> results = new ArrayList<>();
    all.arguments().forEach(body -> results.add(value(body, values)));
    return results;
  }

  private static void put(String names, List<Double> given, Map<String, Double> values) {
    String[] each = names.split(", ", -1);
    if (each.length != given.size()) {
      throw new IllegalArgumentException(names + " for " + given);
    }
    for (int i = 0; i < each.length; i++) {
      values.put(each[i], given.get(i));
    }
  }

  private static double value(Element element, Map<String, Double> values) {
    return switch (element) {
      case Element.Name(String name) -> values.getOrDefault(name, Double.NaN);
      case Element.Literal(String number) -> Double.parseDouble(number);
      case Element.Negated(Element of) -> -value(of, values);
      case Element.Marked(Element of, String _) -> value(of, values);
      case Element.Infix(Element left, char operator, Element right) -> {
        double a = value(left, values);
        double b = value(right, values);
        yield switch (operator) {
          case '+' -> a + b;
          case '-' -> a - b;
          case '*' -> a * b;
          default -> a / b;
        };
      }
      case Element.Call(String function, List<Element> arguments) -> {
        double x = value(arguments.getFirst(), values);
        double saved = arguments.size() > 1 ? value(arguments.get(1), values) : 0;
        yield switch (function) {
          case "relu" -> Math.max(x, 0);
          case "gelu" -> x * x / 2;
          case "tanh" -> Math.tanh(x);
          case "exp" -> Math.exp(x);
          case "reluGradient" -> saved > 0 ? x : 0;
          case "geluGradient", "expGradient" -> x * saved;
          case "tanhGradient" -> x * (1 - saved * saved);
          default -> throw new IllegalArgumentException(function);
        };
      }
    };
  }
}
