package dev.mezzo.processor.plan;

import static dev.mezzo.processor.plan.Cell.alive;
import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mezzo.annotations.MixedForm.Precision;
import java.util.Deque;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The runtime's operations, and their gradients, on tensors of one number. */
final class Arithmetic {
  private final BiFunction<Double, Precision, Cell> cell;
  private final Deque<Object> tape;

  Arithmetic(BiFunction<Double, Precision, Cell> cell, Deque<Object> tape) {
    this.cell = cell;
    this.tape = tape;
  }

  /** The gradients so far, which an operation is given in front to add to. */
  record Sum(@Nullable Cell soFar) {}

  Cell call(String name, List<@Nullable Object> in) {
    if (in.getFirst() instanceof Sum(Cell soFar)) {
      Cell more = call(name, in.subList(1, in.size()));
      return soFar == null ? more : added(alive(soFar), more);
    }
    return switch (name) {
      case "cast" -> cell.apply(a(in, 0).value, (Precision) requireNonNull(in.get(1)));
      case "add" -> cell.apply(a(in, 0).value + a(in, 1).value, same(in, 2));
      case "plus" -> added(a(in, 0), a(in, 1));
      case "multiply", "matmul" -> cell.apply(a(in, 0).value * a(in, 1).value, same(in, 2));
      case "linear" -> cell.apply(a(in, 0).value * a(in, 1).value + a(in, 2).value, same(in, 3));
      case "scale", "scaleGradient" -> cell.apply(a(in, 0).value * n(in, 1), same(in, 1));
      case "relu" -> cell.apply(Math.max(a(in, 0).value, 0), same(in, 1));
      case "gelu" -> cell.apply(a(in, 0).value * a(in, 0).value / 2, same(in, 1));
      case "tanh" -> cell.apply(Math.tanh(a(in, 0).value), same(in, 1));
      case "reshape", "transpose", "transposeGradient" -> cell.apply(a(in, 0).value, same(in, 1));
      case "exp" -> cell.apply(Math.exp(a(in, 0).value), Precision.FULL);
      case "mean" -> cell.apply(a(in, 0).value, Precision.FULL);
      case "meanSquaredError" ->
          cell.apply(square(a(in, 0).value - a(in, 1).value), Precision.FULL);
      case "crossEntropy" -> cell.apply(a(in, 0).value * a(in, 1).value, Precision.FULL);
      case "dropout" -> {
        if ((boolean) requireNonNull(in.get(0))) {
          tape.push(7L);
        }
        yield cell.apply(a(in, 1).value * n(in, 2), a(in, 1).precision);
      }
      case "dropoutGradient" -> {
        assertEquals(7L, tape.pop());
        yield cell.apply(a(in, 1).value * n(in, 2), a(in, 1).precision);
      }
      case "zeros" -> cell.apply(0.0, layout(in, 0));
      case "orZeros" -> in.get(0) == null ? cell.apply(0.0, layout(in, 1)) : a(in, 0);
      default -> gradient(name, in);
    };
  }

  /** The sum; gives both up. */
  Cell added(Cell sum, Cell more) {
    if (sum.precision != Precision.ANY) { // of a weight's gradients, rounded where they are added
      assertEquals(sum.precision, more.precision, "what adds up");
    }
    Cell total = cell.apply(sum.value + more.value, more.precision);
    sum.close();
    more.close();
    return total;
  }

  private Cell gradient(String name, List<@Nullable Object> in) {
    double dy = a(in, 0).value;
    return switch (name) {
      case "addGradientA", "addGradientB", "meanGradient", "reshapeGradient" ->
          cell.apply(dy, layout(in, 1));
      case "multiplyGradientA",
          "multiplyGradientB",
          "matmulGradientA",
          "matmulGradientB",
          "linearGradientX" ->
          cell.apply(dy * a(in, 1).value, layout(in, 2));
      case "linearGradientWeight" -> cell.apply(dy * a(in, 1).value, a(in, 1).precision);
      case "linearGradientBias" -> cell.apply(dy, layout(in, 1));
      case "reluGradient" -> cell.apply(a(in, 1).value > 0 ? dy : 0, a(in, 1).precision);
      case "geluGradient" -> cell.apply(dy * a(in, 1).value, a(in, 1).precision);
      case "tanhGradient" -> cell.apply(dy * (1 - square(a(in, 1).value)), a(in, 1).precision);
      case "expGradient" -> cell.apply(dy * a(in, 1).value, layout(in, 2));
      case "crossEntropyGradient" -> cell.apply(dy * a(in, 2).value, a(in, 1).precision);
      case "meanSquaredErrorGradientX" ->
          cell.apply(2 * dy * (a(in, 1).value - a(in, 2).value), a(in, 1).precision);
      case "meanSquaredErrorGradientTarget" ->
          cell.apply(2 * dy * (a(in, 2).value - a(in, 1).value), a(in, 2).precision);
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static double square(double x) {
    return x * x;
  }

  private static Cell a(List<@Nullable Object> inputs, int index) {
    return alive(inputs.get(index));
  }

  private static double n(List<@Nullable Object> inputs, int index) {
    return ((Number) requireNonNull(inputs.get(index))).doubleValue();
  }

  private static Precision layout(List<@Nullable Object> inputs, int index) {
    return ((Cell.Layout) requireNonNull(inputs.get(index))).precision();
  }

  private static Precision same(List<@Nullable Object> inputs, int tensors) {
    for (int i = 1; i < tensors; i++) {
      assertEquals(a(inputs, 0).precision, a(inputs, i).precision, "operands' precisions");
    }
    return a(inputs, 0).precision;
  }
}
