package dev.mezzo.processor.dims;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Shapes and numbers for one call, most of which fit a rule's patterns. */
final class RandomShapes {
  private final ShapeRule rule;
  private final Random random;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Map<String, int[]> rows = new HashMap<>();

  RandomShapes(ShapeRule rule, Random random) {
    this.rule = rule;
    this.random = random;
  }

  /** A plain operand's number, or a dimension's. */
  int number(String name) {
    return numbers.computeIfAbsent(
        name, _ -> name.contains(".") ? random.nextInt(3) : random.nextInt(6) - 2);
  }

  /** Draws the numbers of a record anew. */
  void forget(String operand) {
    numbers.keySet().removeIf(name -> name.startsWith(operand + "."));
  }

  /** A tensor operand's shape. */
  int[] draw(String operand) {
    int[] shape =
        rule.operands().stream()
            .filter(pattern -> pattern.name().equals(operand))
            .findFirst()
            .map(pattern -> draw(pattern.pattern()))
            .orElseGet(() -> random.ints(random.nextInt(4), 1, 5).toArray());
    return random.nextInt(8) == 0 ? spoilt(shape) : shape;
  }

  private int[] draw(DimParser.Pattern pattern) {
    IntStream front = pattern.row().map(this::row).stream().flatMapToInt(Arrays::stream);
    return IntStream.concat(front, pattern.dims().stream().mapToInt(this::value)).toArray();
  }

  private int value(Dim dim) {
    Dim value =
        dim.map(
            atom ->
                Dim.of(
                    numbers.computeIfAbsent(
                        ((Atom.Symbol) atom).name(),
                        name -> 1 + random.nextInt(name.contains(".") ? 2 : 5))));
    return (int) Math.max(0, value.constant().orElseThrow());
  }

  /** Of rows that are repeated some dimensions are 1, and some in front missing. */
  private int[] row(String name) {
    int[] row = rows.computeIfAbsent(name, _ -> random.ints(random.nextInt(3), 1, 5).toArray());
    if (!name.isEmpty() || random.nextBoolean()) {
      return row;
    }
    int from = random.nextInt(row.length + 1);
    return Arrays.stream(row, from, row.length).map(d -> random.nextBoolean() ? d : 1).toArray();
  }

  private int[] spoilt(int[] shape) {
    int[] other = shape.clone();
    if (other.length > 0) {
      other[random.nextInt(other.length)] = random.nextInt(5);
    }
    return other;
  }
}
