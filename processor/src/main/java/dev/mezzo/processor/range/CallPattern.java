package dev.mezzo.processor.range;

import dev.mezzo.processor.syntax.SyntaxException;
import dev.mezzo.processor.syntax.Tokens;
import java.util.ArrayList;
import java.util.List;

/**
 * Calls of operations within each other, {@code "log(softmax(x))"}, that a better operation
 * replaces: a name that stands twice is the same argument. Names of operations are those of the
 * class that declares the better one.
 */
public sealed interface CallPattern {

  /** Any argument. */
  record Any(String name) implements CallPattern {
    @Override
    public String toString() {
      return name;
    }
  }

  /** A number. */
  record Constant(double value) implements CallPattern {
    @Override
    public String toString() {
      return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
  }

  /** A call. */
  record Of(String operation, List<CallPattern> arguments) implements CallPattern {
    @Override
    public String toString() {
      return operation
          + "("
          + String.join(", ", arguments.stream().map(CallPattern::toString).toList())
          + ")";
    }
  }

  /**
   * Reads a pattern.
   *
   * @throws SyntaxException if it is none
   */
  static Of parse(String text) {
    Tokens tokens = new Tokens(text);
    if (!(parse(tokens) instanceof Of pattern)) {
      throw new SyntaxException("\"" + text + "\" is no call");
    }
    tokens.expectEnd();
    return pattern;
  }

  private static CallPattern parse(Tokens tokens) {
    if (tokens.isNumber()) {
      return new Constant(Double.parseDouble(tokens.take()));
    }
    if (!tokens.isName()) {
      throw tokens.unexpected("an operation, a name or a number");
    }
    String name = tokens.take();
    if (!tokens.takeIf("(")) {
      return new Any(name);
    }
    List<CallPattern> arguments = new ArrayList<>();
    do {
      arguments.add(parse(tokens));
    } while (tokens.takeIf(","));
    tokens.expect(")");
    return new Of(name, arguments);
  }
}
