package dev.mezzo.processor.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/**
 * Plans of random layers, run on numbers: memory and tape are in order, and gradients agree with
 * central differences.
 */
class PlanPropertyTest {
  private static final double[] POINT = {0.31, -0.47, 0.23};

  @Property(tries = 500, shrinking = ShrinkingMode.OFF)
  void backwardIsTheGradientOfForward(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 3) int inputs,
      @ForAll boolean a,
      @ForAll boolean b,
      @ForAll boolean c) {
    ModelBuilder layer = RandomLayer.of(seed, inputs);
    if (seed % 2 == 0) {
      layer.fused();
    }
    LayerPlan plan = layer.plan();
    Simulation simulation = new Simulation(layer, plan);
    double[] point = Arrays.copyOf(POINT, inputs);
    double value = simulation.infer(point);
    if (!Double.isFinite(value) || Math.abs(value) > 1e6) {
      return;
    }
    List<Boolean> differentiable = plan.signature().differentiable();
    boolean[] wanted = {a, b, c};
    for (int i = 0; i < inputs; i++) {
      wanted[i] &= differentiable.get(i);
    }
    List<@Nullable Double> found = simulation.train(1, wanted, point);
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < inputs; i++) {
      int index = i;
      Double gradient = found.get(i);
      if (gradient != null) {
        compare("input " + i, gradient, h -> moved(layer, plan, point, index, h), wrong);
      }
    }
    for (String weight : simulation.weights.keySet()) {
      double gradient = simulation.gradients.getOrDefault(weight, 0.0);
      compare(weight, gradient, h -> weighed(layer, plan, point, weight, h), wrong);
    }
    assertEquals(List.of(), wrong);
  }

  private static void compare(
      String what, double gradient, DoubleUnaryOperator value, List<String> wrong) {
    double h = 1e-5;
    double slope = (value.applyAsDouble(h) - value.applyAsDouble(-h)) / (2 * h);
    double finer = (value.applyAsDouble(h / 2) - value.applyAsDouble(-h / 2)) / h;
    boolean smooth = Math.abs(slope - finer) <= 1e-6 * (1 + Math.abs(slope));
    if (smooth && !(Math.abs(gradient - finer) <= 1e-4 * (1 + Math.abs(finer)))) {
      wrong.add(what + ": " + gradient + " instead of " + finer);
    }
  }

  private static double moved(
      ModelBuilder layer, LayerPlan plan, double[] point, int index, double h) {
    double[] moved = point.clone();
    moved[index] += h;
    return new Simulation(layer, plan).infer(moved);
  }

  private static double weighed(
      ModelBuilder layer, LayerPlan plan, double[] point, String weight, double h) {
    Simulation simulation = new Simulation(layer, plan);
    simulation.weights.merge(weight, h, Double::sum);
    return simulation.infer(point);
  }
}
