package dev.mezzo.processor.dims;

import dev.mezzo.processor.syntax.SyntaxException;
import dev.mezzo.processor.syntax.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads dimensions, {@code (h + 2*padding - k)/stride + 1}, and shapes of them, {@code rows...,
 * 784}.
 */
public final class DimParser {
  private final Tokens tokens;
  private final Function<String, Dim> names;

  DimParser(Tokens tokens, Function<String, Dim> names) {
    this.tokens = tokens;
    this.names = names;
  }

  /**
   * The shape that an annotation declares, one string for each dimension or one with commas; each
   * name stands for every number.
   *
   * @throws SyntaxException if it is none
   */
  public static ShapeTerm shape(List<String> dims) {
    Tokens tokens = new Tokens(String.join(", ", dims));
    Pattern pattern = new DimParser(tokens, Dim::symbol).pattern(Tokens.END);
    return new ShapeTerm(
        pattern.row().map(name -> new ShapeTerm.Row(name.isEmpty() ? "..." : name, false)),
        pattern.dims());
  }

  /**
   * Dimensions, behind a row of others perhaps.
   *
   * @param row the row's name; empty for {@code ...} alone
   */
  record Pattern(Optional<String> row, List<Dim> dims) {}

  /** Up to a token, which is taken too. */
  Pattern pattern(String end) {
    Optional<String> row = Optional.empty();
    List<Dim> dims = new ArrayList<>();
    while (!tokens.peek().equals(end)) {
      if (!dims.isEmpty() || row.isPresent()) {
        tokens.expect(",");
      }
      if (dims.isEmpty() && row.isEmpty() && tokens.takeIf("...")) {
        row = Optional.of("");
      } else if (dims.isEmpty() && row.isEmpty() && tokens.isName() && tokens.isFollowedBy("...")) {
        row = Optional.of(tokens.take());
        tokens.take();
      } else {
        dims.add(sum());
      }
    }
    tokens.take();
    return new Pattern(row, dims);
  }

  /** A sum. */
  Dim sum() {
    Dim sum = tokens.takeIf("-") ? Dim.of(0).minus(product()) : product();
    while (true) {
      if (tokens.takeIf("+")) {
        sum = sum.plus(product());
      } else if (tokens.takeIf("-")) {
        sum = sum.minus(product());
      } else {
        return sum;
      }
    }
  }

  private Dim product() {
    Dim product = factor();
    while (true) {
      if (tokens.takeIf("*")) {
        product = product.times(factor());
      } else if (tokens.takeIf("/")) {
        product = product.dividedBy(factor());
      } else {
        return product;
      }
    }
  }

  private Dim factor() {
    if (tokens.takeIf("(")) {
      Dim inner = sum();
      tokens.expect(")");
      return inner;
    }
    if (tokens.isNumber()) {
      if (!tokens.peek().matches("\\d{1,10}")) {
        throw tokens.unexpected("a whole number");
      }
      return Dim.of(Long.parseLong(tokens.take()));
    }
    if (tokens.takeIf("?")) {
      return Dim.of(new Atom.Unknown());
    }
    if (tokens.isName()) {
      return names.apply(tokens.take());
    }
    throw tokens.unexpected("a dimension");
  }
}
