package dev.mezzo.backend;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An element-wise computation of several operations. Its values have numbers: first the operands in
 * order, then what each operation makes. Each operation computes in FP32 from values before it, and
 * is rounded to FP32; a result is rounded once more, to its own type.
 *
 * @param formula what it computes, for messages
 * @param operands how many there are
 * @param operations in an order in which they can be computed
 * @param results the values that are stored; one may be stored several times
 */
public record FusedProgram(
    String formula, int operands, List<Operation> operations, List<Integer> results) {

  /** Copies the lists. */
  public FusedProgram {
    operations = List.copyOf(operations);
    results = List.copyOf(results);
  }

  /** How many values there are. */
  public int values() {
    return operands + operations.size();
  }

  /**
   * Of each value the number of the last operation that reads it; that of all operations where it
   * is a result, −1 where nothing reads it.
   */
  public int[] lastReaders() {
    int[] last = new int[values()];
    Arrays.fill(last, -1);
    for (int i = 0; i < operations.size(); i++) {
      for (int read : operations.get(i).reads()) {
        last[read] = i;
      }
    }
    results.forEach(result -> last[result] = operations.size());
    return last;
  }

  /** The program that stores these values instead, without what they do not need. */
  public FusedProgram only(List<Integer> wanted) {
    if (wanted.equals(results)) {
      return this;
    }
    boolean[] needed = new boolean[values()];
    wanted.forEach(value -> needed[value] = true);
    for (int i = operations.size() - 1; i >= 0; i--) {
      if (needed[operands + i]) {
        operations.get(i).reads().forEach(read -> needed[read] = true);
      }
    }
    int[] numbers = new int[values()];
    List<Operation> kept = new ArrayList<>();
    for (int value = 0; value < numbers.length; value++) {
      if (value < operands) {
        numbers[value] = value;
      } else if (needed[value]) {
        numbers[value] = operands + kept.size();
        kept.add(operations.get(value - operands).renumbered(numbers));
      }
    }
    return new FusedProgram(
        formula, operands, kept, wanted.stream().map(value -> numbers[value]).toList());
  }

  /** The program with an operand more for each of these results, which is added to it. */
  public FusedProgram adding(List<Integer> added) {
    if (added.isEmpty()) {
      return this;
    }
    int more = operands + added.size();
    int[] numbers = new int[values()];
    for (int value = 0; value < numbers.length; value++) {
      numbers[value] = value < operands ? value : value + added.size();
    }
    List<Operation> all = new ArrayList<>();
    operations.forEach(operation -> all.add(operation.renumbered(numbers)));
    List<Integer> sums = new ArrayList<>();
    results.forEach(result -> sums.add(numbers[result]));
    for (int i = 0; i < added.size(); i++) {
      all.add(new OfTwo(Binary.ADD, sums.get(added.get(i)), operands + i));
      sums.set(added.get(i), more + all.size() - 1);
    }
    return new FusedProgram(formula, more, all, sums);
  }

  /** An operation. */
  public sealed interface Operation {

    /** The values that it reads, in order. */
    List<Integer> reads();

    /** The same of values with other numbers. */
    default Operation renumbered(int[] numbers) {
      return switch (this) {
        case Constant constant -> constant;
        case Scaled(float factor, int x) -> new Scaled(factor, numbers[x]);
        case OfOne(Unary f, int x) -> new OfOne(f, numbers[x]);
        case GradientOfOne(Unary f, int dy, int saved) ->
            new GradientOfOne(f, numbers[dy], numbers[saved]);
        case OfTwo(Binary f, int a, int b) -> new OfTwo(f, numbers[a], numbers[b]);
        case OfThree(Ternary f, int a, int b, int c) ->
            new OfThree(f, numbers[a], numbers[b], numbers[c]);
      };
    }
  }

  /** The same number for all elements. */
  public record Constant(float value) implements Operation {
    @Override
    public List<Integer> reads() {
      return List.of();
    }
  }

  /** {@code factor·x}. */
  public record Scaled(float factor, int x) implements Operation {
    @Override
    public List<Integer> reads() {
      return List.of(x);
    }
  }

  /** A function of one value. */
  public record OfOne(Unary function, int x) implements Operation {
    @Override
    public List<Integer> reads() {
      return List.of(x);
    }
  }

  /**
   * A function's gradient: {@code dy·f′}, from y or x as {@link Unary#gradientReadsOutput} says.
   */
  public record GradientOfOne(Unary function, int dy, int saved) implements Operation {
    @Override
    public List<Integer> reads() {
      return List.of(dy, saved);
    }
  }

  /** A function of two values. */
  public record OfTwo(Binary function, int a, int b) implements Operation {
    @Override
    public List<Integer> reads() {
      return List.of(a, b);
    }
  }

  /** A function of three values, all floats. */
  public record OfThree(Ternary function, int a, int b, int c) implements Operation {
    @Override
    public List<Integer> reads() {
      return List.of(a, b, c);
    }
  }
}
