package dev.mezzo.processor.dims;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.processor.syntax.SyntaxException;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DimTest {

  @ParameterizedTest
  @CsvSource({
    "n + n, 2*n",
    "2*(n + 1) - 2, 2*n",
    "n - n, 0",
    "b*a, a*b",
    "7/2, 3",
    "(-7)/2, -4",
    "(h - 1)/2 + 1, (h + 1)/2",
    "4*n/2, 2*n",
    "b*t*d/d, b*t",
    "(h + 2*1 - 3)/1 + 1, h",
  })
  void equalDimensionsHaveOneForm(String left, String right) {
    assertEquals(dim(right), dim(left));
    assertEquals(dim(right).hashCode(), dim(left).hashCode());
  }

  @Property(tries = 300)
  void arithmeticIsThatOfNumbers(
      @ForAll @IntRange(min = -9, max = 9) int n,
      @ForAll @IntRange(min = -9, max = 9) int m,
      @ForAll @IntRange(min = -9, max = 9) int a,
      @ForAll @IntRange(min = 1, max = 9) int d) {
    Dim symbolic =
        dim("n")
            .times(dim("m"))
            .plus(Dim.of(a).times(dim("n")))
            .minus(dim("m"))
            .dividedBy(Dim.of(d));
    Map<String, Integer> values = Map.of("n", n, "m", m);
    Dim value =
        symbolic.map(atom -> Dim.of(requireNonNull(values.get(((Atom.Symbol) atom).name()))));
    assertEquals(
        Math.floorDiv(n * m + a * n - m, d), value.constant().orElseThrow(), symbolic.toString());
  }

  @Test
  void productBeyond64BitsIsUnknown() {
    Dim large = dim("1000000000*n");
    assertEquals(Dim.of(new Atom.Unknown()), large.times(large).times(large));
  }

  @ParameterizedTest
  @CsvSource({"2*n + 1, 2*n + 1", "n/2, n/2", "(n + 1)/2, (n + 1)/2", "0, 0", "-n, -n"})
  void printsWhatCanBeReadAgain(String text, String printed) {
    assertEquals(printed, dim(text).toString());
    assertEquals(dim(text), dim(dim(text).toString()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "batch,, 784 | ',' where a dimension must be",
        "2* | its end where a dimension must be",
        "batch 784 | '784' where ',' must be",
        "784, ... | '...' where a dimension must be",
        "n^2 | '^' where ',' must be",
        "12345678901 | '12345678901' where a whole number must be",
        "1.5 | '1.5' where a whole number must be",
      })
  void whatIsNoDimensionIsToldWhere(String text, String message) {
    SyntaxException flaw =
        assertThrows(SyntaxException.class, () -> DimParser.shape(List.of(text)));
    assertTrue(flaw.flaw().contains(message), flaw.flaw());
  }

  private static Dim dim(String text) {
    return DimParser.shape(List.of(text)).dims().getFirst();
  }
}
