package dev.mezzo.programs;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What a program computes, and its derivatives by central differences, in FP64. */
public final class Oracle {
  private static final int SAMPLES = 8;

  /** Errors of the runs: FP16's. */
  private static final double UNIT = 0x1p-11;

  /** Of them so many are checked in a program. */
  private static final int WEIGHTS = 6;

  /**
   * Differences of five points: off by 10⁻²⁰ of fifth derivatives, which are large where sines of
   * products are nested, and 10⁻¹¹ of the value.
   */
  private static final double STEP = 1e-5;

  private final Program program;
  private final @Nullable Masks masks;
  private final Matrix output;
  private final Matrix states;
  private final double outputSpread;
  private final double statesSpread;

  /**
   * Runs the program.
   *
   * @param masks of dropout in training; null for inference
   */
  public Oracle(Program program, @Nullable Masks masks) {
    this.program = program;
    this.masks = masks;
    this.output = run(Noise.NONE);
    this.states = states(Noise.NONE);
    this.outputSpread = spread(noise -> distance(run(noise), output));
    this.statesSpread = spread(noise -> distance(states(noise), states));
  }

  /**
   * A way to move in.
   *
   * @param weight whether it is a weight that moves, by its number; else an input
   */
  public record Direction(boolean weight, int index, Matrix along) {
    @Override
    public String toString() {
      return (weight ? "weight " : "input ") + index;
    }
  }

  /**
   * A number, and how far off one is likely to be that was computed with roundings: the root mean
   * square over several runs with random ones. It is proportional to their size, to first order.
   *
   * @param spread for results that are off by a relative error of 1
   */
  public record Estimate(double value, double spread) {
    /** For results that are off by {@code unit}. */
    public double spread(double unit) {
      return unit * spread;
    }
  }

  /** A random direction for each input, and for some of the weights. */
  public List<Direction> directions(Random random) {
    List<Direction> directions = new ArrayList<>();
    for (int i = 0; i < program.inputs().size(); i++) {
      directions.add(new Direction(false, i, signs(program.inputs().get(i), random)));
    }
    int weights = program.weights().size();
    random
        .ints(0, Math.max(1, weights))
        .limit(4L * WEIGHTS)
        .distinct()
        .limit(Math.min(WEIGHTS, weights))
        .forEach(
            i -> directions.add(new Direction(true, i, signs(program.weights().get(i), random))));
    return directions;
  }

  private static Matrix signs(Matrix like, Random random) {
    return like.map(_ -> random.nextBoolean() ? 1 : -1);
  }

  /** Whether something in the program does something else in training. */
  public boolean differsFromInference() {
    Evaluation evaluation = evaluation(program.weights(), Noise.NONE, null);
    evaluation.run(program.inputs());
    return evaluation.differsInTraining();
  }

  /** What forward returns. */
  public Matrix output() {
    return output;
  }

  /** How far off it is likely to be, in the Euclidean norm, if each result is off by unit. */
  public double spread(double unit) {
    return unit * outputSpread;
  }

  /** The states behind it, one behind the other. */
  public Matrix states() {
    return states;
  }

  /** How far off they are likely to be, in the Euclidean norm, if each result is off by unit. */
  public double statesSpread(double unit) {
    double squares = Arrays.stream(states.values()).map(v -> v * v).sum();
    return unit * statesSpread + 0x1p-24 * Math.sqrt(squares); // they are FP32, and rounded
  }

  private static double distance(Matrix a, Matrix b) {
    Matrix difference = a.zip(b, (x, y) -> x - y);
    return Math.sqrt(difference.dot(difference));
  }

  /** The derivative of {@code Σ dy·forward} along a direction. */
  public Estimate slope(Direction direction, Matrix dy) {
    double exact = slope(direction, dy, Noise.NONE);
    return new Estimate(exact, spread(noise -> slope(direction, dy, noise) - exact));
  }

  private static double spread(ToDoubleFunction<Noise> error) {
    double squares = 0;
    for (int sample = 0; sample < SAMPLES; sample++) {
      squares += Math.pow(error.applyAsDouble(new Noise(UNIT, sample)), 2);
    }
    return Math.sqrt(squares / SAMPLES) / UNIT;
  }

  private Matrix run(Noise noise) {
    return evaluation(program.weights(), noise, null).run(program.inputs());
  }

  private Matrix states(Noise noise) {
    Evaluation evaluation = evaluation(program.weights(), noise, null);
    evaluation.run(program.inputs());
    return evaluation.states().stream()
        .reduce(Matrix.zeros(1, 0), (joined, state) -> joined.concat(state, 1));
  }

  private Evaluation evaluation(List<Matrix> weights, Noise noise, @Nullable List<Matrix> stopped) {
    return new Evaluation(program, weights, noise, masks, stopped);
  }

  private double slope(Direction direction, Matrix dy, Noise noise) {
    Evaluation base = evaluation(program.weights(), noise, null);
    base.run(program.inputs());
    DoubleUnaryOperator value = h -> moved(direction, h, noise, base.stopped()).dot(dy);
    double near = value.applyAsDouble(STEP) - value.applyAsDouble(-STEP);
    double far = value.applyAsDouble(2 * STEP) - value.applyAsDouble(-2 * STEP);
    return (8 * near - far) / (12 * STEP);
  }

  private Matrix moved(Direction direction, double step, Noise noise, List<Matrix> stopped) {
    List<Matrix> weights = new ArrayList<>(program.weights());
    List<Matrix> inputs = new ArrayList<>(program.inputs());
    List<Matrix> moving = direction.weight() ? weights : inputs;
    Matrix from = moving.get(direction.index());
    moving.set(direction.index(), from.zip(direction.along(), (v, d) -> v + step * d));
    return evaluation(weights, noise, stopped).run(inputs);
  }
}
