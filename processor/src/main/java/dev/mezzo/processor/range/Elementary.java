package dev.mezzo.processor.range;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The functions of formulas. */
public enum Elementary {
  /** The absolute value. */
  ABS(1),
  /** e to a power. */
  EXP(1),
  /** The natural logarithm. */
  LOG(1),
  /** The square root. */
  SQRT(1),
  /** A power. */
  POW(2),
  /** The lesser. */
  MIN(2),
  /** The greater. */
  MAX(2);

  private final int arity;

  Elementary(int arity) {
    this.arity = arity;
  }

  int arity() {
    return arity;
  }

  /** Whether the result is one of the arguments. */
  boolean chooses() {
    return this == MIN || this == MAX;
  }

  static Optional<Elementary> named(String name) {
    return Arrays.stream(values())
        .filter(function -> function.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst();
  }

  static String names() {
    return Arrays.stream(values())
        .map(function -> function.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  Interval over(List<Interval> arguments) {
    Interval x = arguments.getFirst();
    Interval last = arguments.getLast();
    return switch (this) {
      case ABS -> x.absolute();
      case EXP -> new Interval(Math.exp(x.least()), Math.exp(x.greatest()));
      case LOG ->
          new Interval(Math.log(Math.max(0, x.least())), Math.log(Math.max(0, x.greatest())));
      case SQRT ->
          new Interval(Math.sqrt(Math.max(0, x.least())), Math.sqrt(Math.max(0, x.greatest())));
      case POW -> last.least() == last.greatest() ? x.power(last.least()) : Interval.ANY;
      case MIN -> x.least(last);
      case MAX -> x.greatest(last);
    };
  }
}
