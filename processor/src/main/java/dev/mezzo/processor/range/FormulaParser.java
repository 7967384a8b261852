package dev.mezzo.processor.range;

import dev.mezzo.processor.syntax.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads formulas. */
final class FormulaParser {
  private final Tokens tokens;
  private final Set<String> operands;

  FormulaParser(String text, Set<String> operands) {
    this.tokens = new Tokens(text);
    this.operands = operands;
  }

  Formula parse() {
    Formula formula = between();
    tokens.expectEnd();
    return formula;
  }

  private Formula between() {
    Formula least = sum();
    return tokens.takeIf("..") ? new Formula.Between(least, sum()) : least;
  }

  private Formula sum() {
    Formula sum =
        tokens.takeIf("-") ? new Formula.Difference(new Formula.Constant(0), product()) : product();
    while (true) {
      if (tokens.takeIf("+")) {
        sum = new Formula.Sum(sum, product());
      } else if (tokens.takeIf("-")) {
        sum = new Formula.Difference(sum, product());
      } else {
        return sum;
      }
    }
  }

  private Formula product() {
    Formula product = factor();
    while (true) {
      if (tokens.takeIf("*")) {
        product = new Formula.Product(product, factor());
      } else if (tokens.takeIf("/")) {
        product = new Formula.Quotient(product, factor());
      } else {
        return product;
      }
    }
  }

  private Formula factor() {
    if (tokens.takeIf("(")) {
      Formula inner = between();
      tokens.expect(")");
      return inner;
    }
    if (tokens.isNumber()) {
      return new Formula.Constant(Double.parseDouble(tokens.take()));
    }
    String name = tokens.peek();
    if (tokens.isFollowedBy("(")) {
      Elementary function =
          Elementary.named(name)
              .orElseThrow(() -> tokens.unexpected("one of " + Elementary.names()));
      tokens.take();
      return new Formula.Call(function, arguments(function.arity()));
    }
    if (!operands.contains(name) && !name.equals(Formula.COUNT)) {
      throw tokens.unexpected(
          "a number, a function or an operand (" + String.join(", ", operands) + ")");
    }
    return new Formula.Operand(tokens.take());
  }

  private List<Formula> arguments(int count) {
    List<Formula> arguments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tokens.expect(i == 0 ? "(" : ",");
      arguments.add(between());
    }
    tokens.expect(")");
    return arguments;
  }
}
