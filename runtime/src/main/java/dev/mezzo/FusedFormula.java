package dev.mezzo;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the formulas of {@link Fused}. The same expression twice is one operation: operations are
 * kept by what they compute.
 */
final class FusedFormula {

  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(->|\\[[^]]*]|[A-Za-z_$][\\w$]*|\\d+(?:\\.\\d*)?(?:[eE][-+]?\\d+)?|\\S)");

  private static final Map<String, Unary.Function> FUNCTIONS = new HashMap<>();
  private static final Map<String, Binary> OF_TWO =
      Map.of("maximum", Binary.MAXIMUM, "minimum", Binary.MINIMUM, "power", Binary.POWER);
  private static final Map<String, Ternary> OF_THREE =
      Map.of(
          "maximumGradient", Ternary.MAXIMUM_GRADIENT,
          "minimumGradient", Ternary.MINIMUM_GRADIENT,
          "baseGradient", Ternary.BASE_GRADIENT,
          "exponentGradient", Ternary.EXPONENT_GRADIENT,
          "divisorGradient", Ternary.DIVISOR_GRADIENT);

  static {
    for (Unary.Function function : Unary.Function.values()) {
      Matcher underscore =
          Pattern.compile("_(.)").matcher(function.name().toLowerCase(Locale.ROOT));
      FUNCTIONS.put(underscore.replaceAll(m -> m.group(1).toUpperCase(Locale.ROOT)), function);
    }
  }

  private final String text;
  private final float[] bound;
  private final List<String> tokens = new ArrayList<>();
  private final List<String> tensors = new ArrayList<>();
  private final List<String> numbers = new ArrayList<>();
  private final List<FusedProgram.Operation> operations = new ArrayList<>();
  private final Map<FusedProgram.Operation, Integer> known = new HashMap<>();
  private final Map<Integer, String> marks = new HashMap<>();
  private int next;

  private FusedFormula(String text, float[] bound) {
    this.text = text;
    this.bound = bound;
    Matcher matcher = TOKEN.matcher(text);
    while (matcher.find()) {
      tokens.add(matcher.group(1));
    }
  }

  /** The program, and how many numbers it is to be given; those that are not bound yet are 0. */
  static Parsed parse(String text, float... bound) {
    return new FusedFormula(text, bound).parse();
  }

  /**
   * What a formula says.
   *
   * @param marks of values, what stands in brackets behind the function or operator that makes
   *     them, as in {@code silu[silu 24](gate)}
   */
  record Parsed(FusedProgram program, int numbers, Map<Integer, String> marks) {}

  private Parsed parse() {
    expect("(");
    names(tensors);
    if (takeIf(";")) {
      names(numbers);
    }
    expect(")");
    expect("->");
    List<Integer> results = new ArrayList<>();
    do {
      results.add(value(sum()));
    } while (takeIf(","));
    if (next < tokens.size()) {
      throw unexpected("the end");
    }
    String body = text.substring(text.indexOf("->") + 2).strip();
    FusedProgram program = new FusedProgram(body, tensors.size(), operations, results);
    return new Parsed(program, numbers.size(), marks);
  }

  private void names(List<String> to) {
    do {
      to.add(take());
    } while (takeIf(","));
  }

  /** A value, or a number that is none yet. */
  private sealed interface Term {
    record Value(int index) implements Term {}

    record Literal(float number) implements Term {}
  }

  private Term sum() {
    Term sum = takeIf("-") ? negated() : product();
    while (true) {
      if (takeIf("+")) {
        String mark = mark();
        sum = marked(mark, apply(Binary.ADD, sum, product()));
      } else if (takeIf("-")) {
        String mark = mark();
        sum = marked(mark, apply(Binary.SUBTRACT, sum, product()));
      } else {
        return sum;
      }
    }
  }

  private Term negated() {
    String mark = mark();
    return marked(mark, product(new Term.Literal(-1), Binary.MULTIPLY, product()));
  }

  /** What stands in brackets next; empty if nothing does. */
  private String mark() {
    boolean found = next < tokens.size() && tokens.get(next).startsWith("[");
    return found ? take().replaceAll("[\\[\\]]", "") : "";
  }

  private Term marked(String mark, Term term) {
    if (!mark.isEmpty() && term instanceof Term.Value(int index)) {
      marks.putIfAbsent(index, mark);
    }
    return term;
  }

  private Term product() {
    Term product = factor();
    while (true) {
      if (takeIf("*")) {
        String mark = mark();
        product = marked(mark, product(product, Binary.MULTIPLY, factor()));
      } else if (takeIf("/")) {
        String mark = mark();
        product = marked(mark, apply(Binary.DIVIDE, product, factor()));
      } else {
        return product;
      }
    }
  }

  private Term product(Term a, Binary times, Term b) {
    if (a instanceof Term.Literal(float factor) && b instanceof Term.Value(int x)) {
      return operation(new FusedProgram.Scaled(factor, x));
    }
    if (b instanceof Term.Literal(float factor) && a instanceof Term.Value(int x)) {
      return operation(new FusedProgram.Scaled(factor, x));
    }
    return apply(times, a, b);
  }

  private Term apply(Binary function, Term a, Term b) {
    if (a instanceof Term.Literal(float left) && b instanceof Term.Literal(float right)) {
      return new Term.Literal(
          switch (function) {
            case ADD -> left + right;
            case SUBTRACT -> left - right;
            case MULTIPLY -> left * right;
            case DIVIDE -> left / right;
            default -> throw new IllegalArgumentException(function + " of numbers");
          });
    }
    return operation(new FusedProgram.OfTwo(function, value(a), value(b)));
  }

  private Term factor() {
    if (takeIf("(")) {
      Term inner = sum();
      expect(")");
      return inner;
    }
    String token = take();
    if (Character.isDigit(token.charAt(0))) {
      return new Term.Literal(Float.parseFloat(token));
    }
    String mark = mark();
    if (takeIf("(")) {
      return marked(mark, call(token));
    }
    if (tensors.contains(token)) {
      return new Term.Value(tensors.indexOf(token));
    }
    if (!numbers.contains(token)) {
      next--;
      throw unexpected("an operand, a number or a function");
    }
    int number = numbers.indexOf(token);
    return new Term.Literal(number < bound.length ? bound[number] : 0);
  }

  private Term call(String name) {
    List<Term> arguments = new ArrayList<>();
    do {
      arguments.add(sum());
    } while (takeIf(","));
    expect(")");
    boolean gradient = name.endsWith("Gradient");
    String of = gradient ? name.substring(0, name.length() - "Gradient".length()) : name;
    if (FUNCTIONS.containsKey(of)) {
      return ofOne(FUNCTIONS.get(of), gradient, arguments);
    }
    List<Integer> values = arguments.stream().map(this::value).toList();
    if (OF_TWO.containsKey(name) && values.size() == 2) {
      return operation(
          new FusedProgram.OfTwo(OF_TWO.get(name), values.getFirst(), values.getLast()));
    }
    if (OF_THREE.containsKey(name) && values.size() == 3) {
      return operation(
          new FusedProgram.OfThree(
              OF_THREE.get(name), values.getFirst(), values.get(1), values.getLast()));
    }
    throw new IllegalArgumentException(
        "\"%s\" calls %s of %d, which is no element-wise function"
            .formatted(text, name, arguments.size()));
  }

  private Term ofOne(Unary.Function function, boolean gradient, List<Term> arguments) {
    int values = gradient ? 2 : 1;
    float[] given = new float[2];
    for (int i = values; i < arguments.size(); i++) {
      if (!(arguments.get(i) instanceof Term.Literal(float number)) || i >= values + 2) {
        throw new IllegalArgumentException(
            "\"%s\" gives %s what is no number".formatted(text, function));
      }
      given[i - values] = number;
    }
    Unary unary = new Unary(function, given[0], given[1]);
    int first = value(arguments.getFirst());
    return operation(
        gradient
            ? new FusedProgram.GradientOfOne(unary, first, value(arguments.get(1)))
            : new FusedProgram.OfOne(unary, first));
  }

  private int value(Term term) {
    return switch (term) {
      case Term.Value(int index) -> index;
      case Term.Literal(float number) -> index(new FusedProgram.Constant(number));
    };
  }

  private Term operation(FusedProgram.Operation operation) {
    return new Term.Value(index(operation));
  }

  private int index(FusedProgram.Operation operation) {
    return known.computeIfAbsent(
        operation,
        added -> {
          operations.add(added);
          return tensors.size() + operations.size() - 1;
        });
  }

  private String take() {
    if (next >= tokens.size()) {
      throw unexpected("more");
    }
    return tokens.get(next++);
  }

  private boolean takeIf(String token) {
    boolean found = next < tokens.size() && tokens.get(next).equals(token);
    next += found ? 1 : 0;
    return found;
  }

  private void expect(String token) {
    if (!takeIf(token)) {
      throw unexpected("'" + token + "'");
    }
  }

  private IllegalArgumentException unexpected(String expected) {
    return new IllegalArgumentException(
        "\"%s\" has %s where %s must be"
            .formatted(
                text, next < tokens.size() ? "'" + tokens.get(next) + "'" : "its end", expected));
  }
}
