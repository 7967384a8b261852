package dev.mezzo.processor.dims;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.processor.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules on shapes as they are written; {@code ?} is a dimension of which nothing is known. */
class ShapeRuleTest {
  private static final String MATMUL = "a(..., m, k), b(..., k, n) -> (..., m, n)";
  private static final String CONVOLUTION =
      "x(n, h, w, c), weight(k, kh, kw, c) ->"
          + " (n, (h + 2*padding - kh)/stride + 1, (w + 2*padding - kw)/stride + 1, k)";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3, 4 | 4, 5 | (3, 5)",
        "7, 3, 4 | 4, 5 | (7, 3, 5)",
        "7, 1, 3, 4 | 6, 4, 5 | (7, 6, 3, 5)",
        "batch, in | in, out | (batch, out)",
        "rows..., 3, 4 | 4, 5 | (rows..., 3, 5)",
        "?, ? | 4, 5 | (?, 5)",
      })
  void matrixProduct(String a, String b, String result) {
    assertEquals(result, apply(MATMUL, Map.of("a", a, "b", b), Map.of()).result().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3, 4 | 5, 6 | 'k' is 4 in 'a' and 5 in 'b'",
        "batch, in | out, 10 | 'k' is in in 'a' and out in 'b'",
        "3 | 3, 4 | 'a' must have at least 2 dimensions",
        "2, 3, 4 | 5, 4, 6 | dimensions differ in 'a' and 'b', and neither is 1",
      })
  void matrixProductThatDoesNotFit(String a, String b, String mismatch) {
    assertEquals(
        mismatch, apply(MATMUL, Map.of("a", a, "b", b), Map.of()).mismatch().orElseThrow());
  }

  @Test
  void arithmeticOnPlainOperands() {
    Map<String, String> operands = Map.of("x", "n, 28, width, 1", "weight", "16, 3, 3, 1");
    assertEquals(
        "(n, 14, (width + 1)/2, 16)",
        apply(CONVOLUTION, operands, Map.of("padding", "1", "stride", "2")).result().toString());
    ShapeTerm unknown = apply(CONVOLUTION, operands, Map.of("padding", "1")).result();
    assertEquals("16", unknown.dims().getLast().toString());
    assertTrue(unknown.dims().get(1).constant().isEmpty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "drop(x, axis) | 3, 4, 5 | 1 | (3, 5)",
        "drop(x, axis) | 3, 4, 5 | -1 | (3, 4)",
        "drop(x, axis) | rows..., 5 | -1 | (rows...)",
        "drop(x, axis) | rows..., 5 | 0 | (...)",
        "set(x, axis, 7) | 3, 4, 5 | -2 | (3, 7, 5)",
        "insert(x, axis, 1) | 3, 4 | -1 | (3, 4, 1)",
        "insert(x, axis, 1) | 3, 4 | 0 | (1, 3, 4)",
        "swap(x, axis, 0) | 3, 4, 5 | 2 | (5, 4, 3)",
        "permute(x, axis) | 3, 4, 5 | 2; 0; 1 | (5, 3, 4)",
        "reshape(x, axis) | 3, 4, 5 | 6; -1 | (6, 10)",
        "reshape(x, axis) | batch, 28, 28 | batch; -1 | (batch, 784)",
        "reshape(x, axis) | batch, d | batch; heads; d/heads | (batch, heads, d/heads)",
        "reshape(x, axis) | rows..., 5 | 6; -1 | (6, ?)",
        "expand(x, axis) | 1, 4 | 3; 4 | (3, 4)",
        "reduce(x, axis, 0) | 3, 4, 5 | 0; -1 | (4)",
        "reduce(x, axis, 1) | rows..., 5, 6 | -1; -2 | (rows..., 1, 1)",
        "slice(x, axis, 1, -1) | n, 5 | 0 | (n - 2, 5)",
        "crop(x, axis, axis) | n, 5 | 0; 2 | (0, 0)",
        "pad(x, axis, axis) | n, 5 | 0; 2 | (n, 9)",
      })
  void functions(String function, String x, String numbers, String result) {
    RuleApplication.Outcome outcome =
        apply("-> " + function, Map.of("x", x), Map.of("axis", numbers));
    assertEquals(Optional.empty(), outcome.mismatch());
    assertEquals(result, outcome.result().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "drop(x, axis) | 3, 4 | 2 | 'x' has no axis 2",
        "drop(x, axis) | 3, 4 | -3 | 'x' has no axis -3",
        "reshape(x, axis) | 3, 4 | 5; 2 | (3, 4) has 12 elements, (5, 2) has not",
        "reshape(x, axis) | 3, 4 | 5; -1 | (3, 4) has 12 elements, (5, -1) has not",
        "expand(x, axis) | 2, 4 | 3; 4 | 'x' cannot be repeated from (2, 4) to (3, 4)",
        "permute(x, axis) | 3, 4 | 0; 1; 2 | 'x' is (3, 4), but there are 3 axes",
      })
  void functionsThatDoNotFit(String function, String x, String numbers, String mismatch) {
    assertEquals(
        mismatch,
        apply("-> " + function, Map.of("x", x), Map.of("axis", numbers)).mismatch().orElseThrow());
  }

  @Test
  void joinAddsAlongOneAxis() {
    String rule = "-> join(a, b, axis)";
    Map<String, String> axis = Map.of("axis", "1");
    assertEquals("(3, 9)", apply(rule, Map.of("a", "3, 4", "b", "3, 5"), axis).result().toString());
    assertEquals(
        "'a' and 'b' differ in another dimension than axis 1",
        apply(rule, Map.of("a", "3, 4", "b", "2, 5"), axis).mismatch().orElseThrow());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ij,jk->ik | 3, 4 | 4, 5 | (3, 5)",
        "bhqd,bhkd->bhqk | b, 8, t, 64 | b, 8, s, 64 | (b, 8, t, s)",
        "i,i-> | 3 | 3 | ()",
        "ij,jk->ik | 3, 4 | 5, 6 | 'j' is 4 in 'a' and 5 in 'b'",
        "ij,jk->ik | 3, 4 | 5 | 'b' must have 2 dimensions, as \"jk\" has letters",
        "ij,jk->iz | 3, 4 | 4, 5 | \"ij,jk->iz\" has 'z' in the result, but in no operand",
        "ii,ik->ik | 3, 3 | 3, 5 | \"ii,ik->ik\" has 'i' twice in \"ii\"",
        "ij->ji | 3, 4 | 4, 5 | \"ij->ji\" is not of the form \"ij,jk->ik\"",
      })
  void lettersOfEinsumAreDimensions(String spec, String a, String b, String expected) {
    Solver solver = new Solver();
    Map<String, Given> given =
        Map.of(
            "spec", new Given.OfText(spec),
            "a", new Given.OfTensor(shape(a, solver)),
            "b", new Given.OfTensor(shape(b, solver)));
    RuleApplication.Outcome outcome =
        RuleApplication.apply(
            ShapeRule.parse("-> einsum(spec, a, b)", given.keySet()), given, solver);
    assertEquals(expected, outcome.mismatch().orElse(outcome.result().toString()));
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "'ij,jk->ik', 'a·b'",
        "'bij,bjk->bik', 'a·b'",
        "'bhqd,bhkd->bhqk', 'a·bT'",
        "'ki,kj->ij', 'aT·b'",
        "'ik,kj->ji', 'bT·aT'",
        "'ij,jk->ki', 'bT·aT'",
        "'bti,io->bto', 'a·b'",
        "'io,bti->bto', 'b·a'",
        "'io,bti->bot', 'aT·bT'",
        "'bij,cjk->bik', none",
        "'bij,jbk->bik', none",
        "'bij,bjk->ibk', none",
        "'ij,ij->ij', none",
        "'i,i->', none",
        "'ij,jk->i', none"
      })
  void someEquationsAreProductsOfMatrices(String equation, @Nullable String expected) {
    String found =
        EinsumEquation.of(equation)
            .product()
            .map(
                product -> {
                  String left = product.exchanged() ? "b" : "a";
                  String right = product.exchanged() ? "a" : "b";
                  return left
                      + (product.transposedLeft() ? "T" : "")
                      + "·"
                      + right
                      + (product.transposedRight() ? "T" : "");
                })
            .orElse(null);
    assertEquals(expected, found);
  }

  @Test
  void namedRowsAreEqual() {
    String rule = "logits(rows..., classes), labels(rows...) -> ()";
    assertEquals(
        "()",
        apply(rule, Map.of("logits", "32, 10", "labels", "32"), Map.of()).result().toString());
    assertEquals(
        "'rows' is (32) in 'logits' and (31) in 'labels'",
        apply(rule, Map.of("logits", "32, 10", "labels", "31"), Map.of()).mismatch().orElseThrow());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "y(n) -> (n) | 'y' where an operand (",
        "x(n -> (n) | '->' where ',' must be",
        "x(n) -> turn(x) | 'turn' where '(' or one of drop, insert",
        "x(n) -> drop(x) | 2 arguments of 'drop'",
        "x(n) | its end where ',' must be",
      })
  void whatIsNoRuleIsToldWhere(String text, String message) {
    SyntaxException flaw =
        assertThrows(SyntaxException.class, () -> ShapeRule.parse(text, Set.of("x", "axis")));
    assertTrue(flaw.flaw().contains(message), flaw.flaw());
  }

  private static RuleApplication.Outcome apply(
      String rule, Map<String, String> tensors, Map<String, String> numbers) {
    Solver solver = new Solver();
    Map<String, Given> given = new HashMap<>();
    tensors.forEach((name, text) -> given.put(name, new Given.OfTensor(shape(text, solver))));
    numbers.forEach((name, text) -> given.put(name, new Given.OfPlain(numbers(text))));
    Set<String> names = new HashSet<>(given.keySet());
    names.addAll(Set.of("axis", "padding", "stride"));
    RuleApplication.Outcome outcome =
        RuleApplication.apply(ShapeRule.parse(rule, names), given, solver);
    return new RuleApplication.Outcome(
        solver.resolve(outcome.result()), outcome.parts(), outcome.mismatch());
  }

  private static ShapeTerm shape(String text, Solver solver) {
    ShapeTerm shape = DimParser.shape(List.of(text.replace("?", "unknown")));
    return shape.map(dim -> dim.equals(Dim.symbol("unknown")) ? solver.freshDim() : dim);
  }

  private static Optional<List<Dim>> numbers(String text) {
    List<Dim> dims = new ArrayList<>();
    for (String number : text.split("; ", -1)) {
      dims.addAll(DimParser.shape(List.of(number)).dims());
    }
    return Optional.of(dims);
  }
}
