package dev.mezzo.processor.dims;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The function of rules for sums of products by letters of dimensions. */
final class EinsumShape {
  private static final Pattern SPEC = Pattern.compile("([a-zA-Z]*),([a-zA-Z]*)->([a-zA-Z]*)");

  private EinsumShape() {}

  /** (spec, a, b). */
  static ShapeTerm of(FunctionArguments in) throws MismatchException {
    if (!(in.given().get(in.name(0)) instanceof Given.OfText(String spec))) {
      return in.any();
    }
    Matcher letters = SPEC.matcher(spec.replace(" ", ""));
    if (!letters.matches()) {
      throw new MismatchException("\"" + spec + "\" is not of the form \"ij,jk->ik\"");
    }
    Map<Character, Dim> dims = new HashMap<>();
    fit(in, 1, letters.group(1), dims);
    fit(in, 2, letters.group(2), dims);
    List<Dim> result = new ArrayList<>();
    for (char letter : letters.group(3).toCharArray()) {
      Dim dim = dims.get(letter);
      if (dim == null) {
        throw new MismatchException("'" + letter + "' is in no operand of \"" + spec + "\"");
      }
      result.add(in.solver().resolve(dim));
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
