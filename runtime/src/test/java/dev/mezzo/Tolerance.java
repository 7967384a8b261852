package dev.mezzo;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mezzo.RandomCall.Data;
import dev.mezzo.RandomRun.Found;
import dev.mezzo.types.DType;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;

/** What two backends may differ by in a random call. */
final class Tolerance {

  /** Roundings of what has nothing to sum, and of sums within an element that cancels. */
  private static final int ROUNDINGS = 256;

  /**
   * Where zeros that stand for nothing may be multiplied or left out: around an image, the state
   * before the first step, hidden keys. Beside NaN or ±Inf that shows.
   */
  private static final Pattern PHANTOMS =
      Pattern.compile("conv.*|lstm.*|gru.*|rnn.*|attention|selfAttention");

  /** Errors of a step go through all that follow. */
  private static final Pattern RECURRENCES = Pattern.compile("lstm.*|gru.*|rnn.*");

  /** What rounding of a saved value makes of a gradient, at most: gates are differences from 1. */
  private static final int SAVED = 16;

  private final RandomCall call;
  private final boolean phantoms;
  private final boolean recurs;

  /** Half a unit of what forward saves for backward. */
  private final double saved;

  /** A bound on attention's scores: backward has their rounding in the exponent. */
  private final double scores;

  private final long terms;

  Tolerance(RandomCall call, DType dtype) {
    this.call = call;
    String name = call.operation().method().getName();
    phantoms = PHANTOMS.matcher(name).matches();
    recurs = RECURRENCES.matcher(name).matches();
    saved = call.operation().onTape().isPresent() ? unit(dtype) : 0;
    scores = name.endsWith("ttention") ? scores(call) : 0;
    terms =
        ROUNDINGS
            + call.arguments().values().stream()
                .mapToLong(each -> each instanceof Data data ? data.shape().size() : 0)
                .max()
                .orElse(0);
  }

  /** Of what the gradients of a norm are differences: dy by weight, times 1/√ε at most. */
  private double cancelling(List<Data> dy) {
    if (!(call.arguments().get("epsilon") instanceof Float epsilon)) {
      return 0;
    }
    double most = dy.stream().mapToDouble(Tolerance::most).max().orElse(0) / Math.sqrt(epsilon);
    return call.arguments().get("weight") instanceof Data weight ? most * most(weight) : most;
  }

  /**
   * What a gradient of a recurrence is made of before gates that are nearly shut: dy by the state
   * that the gate is of, by that of a weight; errors of some terms add up as their roots do.
   */
  private double steps(List<Data> dy) {
    double state = call.arguments().get("state") instanceof Data data ? most(data) : 0;
    return dy.stream().mapToDouble(Tolerance::most).max().orElse(0)
        * Math.max(1, state * state)
        * Math.sqrt((double) terms);
  }

  private static double most(Data data) {
    double most = 0;
    for (float value : data.values()) {
      most = Float.isFinite(value) ? Math.max(most, Math.abs(value)) : most;
    }
    return most;
  }

  /** With the q and k, or qkv, in front: Σ|q·k| of the widest head there may be, twice. */
  private static double scores(RandomCall call) {
    double bound = 2;
    for (String name : List.of("q", "k", "qkv", "qkv")) {
      if (call.arguments().get(name) instanceof Data data) {
        bound *= most(data) * (name.equals("k") ? 1 : Math.sqrt(data.shape().dim(-1)));
      }
    }
    return bound;
  }

  /**
   * Compares.
   *
   * @param moved in FP32 as it is, then with numbers that were moved
   * @param dy what gradients are of; empty for results
   */
  void check(
      Map<String, Found> expected,
      Map<String, Found> found,
      List<Map<String, Found>> moved,
      List<Data> dy) {
    double cancelling = cancelling(dy);
    double steps = steps(dy);
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach(
        (name, of) -> {
          Found is = requireNonNull(found.get(name));
          assertEquals(of.shape(), is.shape(), "shape of the " + name);
          assertEquals(of.dtype(), is.dtype(), "type of the " + name);
          List<float[]> moves =
              moved.stream().map(each -> requireNonNull(each.get(name)).values()).toList();
          double[] sizes = sizes(moves);
          double greatest = DoubleStream.of(sizes).max().orElse(0);
          for (int i = 0; i < sizes.length; i++) {
            double sum =
                terms * sizes[i] + (recurs ? terms : ROUNDINGS) * greatest + ROUNDINGS * cancelling;
            double given =
                name.startsWith("gradient")
                    ? SAVED * saved * Math.max(greatest, recurs ? steps : 0)
                        + unit(DType.FP32) * scores * (sizes[i] + greatest)
                    : 0;
            check(name, i, of, is, given + unit(DType.FP32) * sum);
          }
        });
  }

  /** What each element is made of. */
  private static double[] sizes(List<float[]> moves) {
    float[] still = moves.getFirst();
    double[] sizes = new double[still.length];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = Float.isFinite(still[i]) ? Math.abs(still[i]) : 0;
      for (float[] each : moves.subList(1, moves.size())) {
        double move = Math.abs((double) each[i] - still[i]) / RandomRun.MOVED;
        sizes[i] = Double.isFinite(move) ? Math.max(sizes[i], move) : sizes[i];
      }
    }
    return sizes;
  }

  private void check(String name, int i, Found expected, Found found, double given) {
    float right = expected.values()[i];
    float value = found.values()[i];
    if (infinite(right, value, name)) {
      return;
    }
    if (Float.isNaN(right) || Float.isNaN(value) || expected.dtype() == DType.INT32) {
      assertEquals(right, value, name + ", element " + i);
      return;
    }
    double of = finite(expected.dtype(), right);
    double tolerance =
        2 * unit(expected.dtype()) * Math.abs(of) + 2 * tiny(expected.dtype()) + given;
    if (!(Math.abs(finite(found.dtype(), value) - of) <= tolerance)) {
      throw new AssertionError(
          "element %d of the %s is %s, but %s on plain loops (within %.3g)"
              .formatted(i, name, value, right, tolerance));
    }
  }

  /**
   * Whether two numbers, not both finite, may stand for one another: of infinite terms the order
   * says whether their sum is NaN or ±Inf, but not in a result of one formula.
   */
  private boolean infinite(float right, float value, String name) {
    boolean neither = !Float.isFinite(right) && !Float.isFinite(value);
    boolean ordered = call.operation().elementwise() && !name.startsWith("gradient");
    return neither ? !ordered : phantoms && !(Float.isFinite(right) && Float.isFinite(value));
  }

  /** The number itself; ±Inf as the first number that rounds to it, which it may be beside. */
  private static double finite(DType dtype, float value) {
    if (!Float.isInfinite(value)) {
      return value;
    }
    return Math.copySign(dtype == DType.FP16 ? 0x1p16 : 0x1p128, value);
  }

  private static double unit(DType dtype) {
    return switch (dtype) {
      case FP16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
      default -> 0x1p-24;
    };
  }

  /** Half of the least subnormal. */
  private static double tiny(DType dtype) {
    return switch (dtype) {
      case FP16 -> 0x1p-25;
      case BF16 -> 0x1p-134;
      default -> 0x1p-150;
    };
  }
}
