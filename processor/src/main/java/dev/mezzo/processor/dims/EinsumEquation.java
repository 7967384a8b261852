package dev.mezzo.processor.dims;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an einsum says, as in {@code "bij,bjk->bik"}: letters for the dimensions of both operands
 * and of the result.
 */
public record EinsumEquation(String a, String b, String result) {
  private static final Pattern FORM = Pattern.compile("([a-zA-Z]*),([a-zA-Z]*)->([a-zA-Z]*)");

  /** Why a text is no equation; empty if it is one. */
  public static Optional<String> flaw(String text) {
    Matcher letters = matcher(text);
    if (!letters.matches()) {
      return Optional.of("is not of the form \"ij,jk->ik\"");
    }
    for (int side = 1; side <= 3; side++) {
      String twice = repeated(letters.group(side));
      if (!twice.isEmpty()) {
        return Optional.of("has '" + twice + "' twice in \"" + letters.group(side) + "\"");
      }
    }
    String operands = letters.group(1) + letters.group(2);
    return letters
        .group(3)
        .chars()
        .filter(letter -> operands.indexOf(letter) < 0)
        .mapToObj(letter -> "has '" + (char) letter + "' in the result, but in no operand")
        .findFirst();
  }

  /** The equation; the text has no {@link #flaw}. */
  public static EinsumEquation of(String text) {
    Matcher letters = matcher(text);
    if (!letters.matches()) {
      throw new IllegalArgumentException(text);
    }
    return new EinsumEquation(letters.group(1), letters.group(2), letters.group(3));
  }

  /**
   * A matrix product that gives the same.
   *
   * @param exchanged whether b is the left operand
   * @param transposedLeft whether the left operand's last two dimensions are swapped
   * @param transposedRight whether those of the right one are
   */
  public record Product(boolean exchanged, boolean transposedLeft, boolean transposedRight) {}

  /**
   * The equation as one product of matrices: the last dimensions are rows and columns, in either
   * order; those before are the same, or missing in one operand. Empty where it is none.
   */
  public Optional<Product> product() {
    return product(a, b, false).or(() -> product(b, a, true));
  }

  private Optional<Product> product(String left, String right, boolean exchanged) {
    if (left.length() < 2 || right.length() < 2 || result.length() < 2) {
      return Optional.empty();
    }
    char row = result.charAt(result.length() - 2);
    char column = result.charAt(result.length() - 1);
    String leftEnd = end(left);
    String rightEnd = end(right);
    char inner = other(leftEnd, row);
    boolean matrices =
        leftEnd.indexOf(row) >= 0
            && rightEnd.indexOf(column) >= 0
            && inner == other(rightEnd, column)
            && result.indexOf(inner) < 0;
    String before = front(result);
    boolean batches =
        before.endsWith(front(left))
            && before.endsWith(front(right))
            && (before.equals(front(left)) || before.equals(front(right)));
    return matrices && batches
        ? Optional.of(new Product(exchanged, leftEnd.charAt(0) != row, rightEnd.charAt(0) != inner))
        : Optional.empty();
  }

  private static String front(String letters) {
    return letters.substring(0, letters.length() - 2);
  }

  private static String end(String letters) {
    return letters.substring(letters.length() - 2);
  }

  /** Of two letters the one that is not that. */
  private static char other(String two, char letter) {
    return two.charAt(0) == letter ? two.charAt(1) : two.charAt(0);
  }

  private static Matcher matcher(String text) {
    return FORM.matcher(text.replace(" ", ""));
  }

  private static String repeated(String letters) {
    for (int i = 0; i < letters.length(); i++) {
      if (letters.indexOf(letters.charAt(i), i + 1) >= 0) {
        return letters.substring(i, i + 1);
      }
    }
    return "";
  }
}
