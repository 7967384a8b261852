package dev.mezzo.processor.dims;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The function of rules for sums of products by letters of dimensions. */
final class EinsumShape {
  private EinsumShape() {}

  /** (spec, a, b). */
  static ShapeTerm of(FunctionArguments in) throws MismatchException {
    if (!(in.given().get(in.name(0)) instanceof Given.OfText(String spec))) {
      return in.any();
    }
    Optional<String> flaw = EinsumEquation.flaw(spec);
    if (flaw.isPresent()) {
      throw new MismatchException("\"" + spec + "\" " + flaw.get());
    }
    EinsumEquation equation = EinsumEquation.of(spec);
    Map<Character, Dim> dims = new HashMap<>();
    fit(in, 1, equation.a(), dims);
    fit(in, 2, equation.b(), dims);
    List<Dim> result = new ArrayList<>();
    for (char letter : equation.result().toCharArray()) {
      result.add(in.solver().resolve(Objects.requireNonNull(dims.get(letter))));
    }
    return ShapeTerm.of(result);
  }

  private static void fit(
      FunctionArguments in, int argument, String letters, Map<Character, Dim> dims)
      throws MismatchException {
    if (!in.solver().close(in.shape(argument), letters.length())) {
      throw new MismatchException(
          "'%s' must have %d dimensions, as \"%s\" has letters"
              .formatted(in.name(argument), letters.length(), letters));
    }
    for (int i = 0; i < letters.length(); i++) {
      Dim actual = in.shape(argument).dims().get(i);
      Dim before = dims.putIfAbsent(letters.charAt(i), actual);
      if (before != null && !in.solver().unify(before, actual)) {
        throw new MismatchException(
            "'%s' is %s in '%s' and %s in '%s'"
                .formatted(letters.charAt(i), before, in.name(1), actual, in.name(argument)));
      }
    }
  }
}
