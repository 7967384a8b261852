package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.mezzo.optim.AdamW;
import dev.mezzo.optim.Optimizer;
import dev.mezzo.optim.Schedule;
import dev.mezzo.optim.Sgd;
import dev.mezzo.scaling.LossScale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Updates against references in FP64, which are the formulas of the optimizers' Javadoc once more.
 */
class OptimizerTest {

  private static final int[] SIZES = {1, 13, 207, 4098};
  private static final int STEPS = 7;
  private static final float SCALE = 64f;
  private static final Schedule RATE = Schedule.step(0.125f, 0.5f, 3);

  static Stream<Arguments> updates() {
    return TestDevices.all()
        .flatMap(
            device ->
                Stream.of(
                        Sgd.of(RATE),
                        Sgd.of(RATE).withMomentum(0.9f),
                        Sgd.of(RATE).withMomentum(0.9f).withWeightDecay(0.01f),
                        Sgd.of(RATE).withMomentum(0.75f).withNesterov().withWeightDecay(0.1f),
                        AdamW.of(RATE),
                        AdamW.of(RATE)
                            .withBetas(0.5f, 0.75f)
                            .withEpsilon(1e-3f)
                            .withWeightDecay(0.1f))
                    .flatMap(
                        optimizer ->
                            Stream.of(HalfFormat.values())
                                .map(half -> Arguments.of(device, optimizer, half))));
  }

  @ParameterizedTest
  @MethodSource("updates")
  void mastersFollowTheReference(Device device, Optimizer optimizer, HalfFormat half) {
    for (int size : SIZES) {
      Random random = new Random(size);
      float[] initial = halves(random, size);
      Parameter parameter = GivenGradients.parameter(device, initial);
      double[] expected = widen(initial);
      double[][] state = new double[2][size];
      try (GivenGradients training =
          GivenGradients.training(parameter)
              .optimizer(optimizer)
              .half(half)
              .lossScale(LossScale.fixed(SCALE))
              .build()) {
        for (int step = 0; step < STEPS; step++) {
          float[] gradient = halves(random, size);
          assertInstanceOf(Applied.class, training.step(scaled(gradient)));
          reference(optimizer, step, gradient, expected, state);
          assertArrayEquals(expected, widen(parameter.toFloats()), 1e-5, "size " + size);
          assertShadowsAreRounded(training);
        }
      }
      assertNotEquals(initial[size - 1], parameter.toFloats()[size - 1], "the tail is updated too");
    }
  }

  /**
   * Without a master: every element, in the vector part and in the tail, is the FP32 update
   * rounded.
   */
  @ParameterizedTest
  @MethodSource("updates")
  void weightsWithoutMasterAreAllUpdated(Device device, Optimizer optimizer, HalfFormat half) {
    if (half == HalfFormat.NONE) {
      return;
    }
    double unit = half == HalfFormat.FP16 ? 0x1p-11 : 0x1p-8;
    for (int size : SIZES) {
      Random random = new Random(size);
      float[] initial = halves(random, size);
      Parameter parameter = GivenGradients.parameter(device, initial);
      double[][] state = new double[2][size];
      double[] before = widen(initial);
      try (GivenGradients training =
          GivenGradients.training(parameter)
              .optimizer(optimizer)
              .half(half)
              .masterWeights(false)
              .lossScale(LossScale.fixed(SCALE))
              .build()) {
        for (int step = 0; step < STEPS; step++) {
          float[] gradient = halves(random, size);
          training.step(scaled(gradient));
          double[] expected = before.clone();
          reference(optimizer, step, gradient, expected, state);
          float[] found = training.weights().getFirst().values();
          for (int i = 0; i < size; i++) {
            // one rounding of the exact update, whose FP32 arithmetic may be off by some units
            // itself
            assertEquals(
                expected[i], found[i], Math.abs(expected[i]) * unit * 1.001 + 1e-5, "element " + i);
          }
          before = widen(found);
        }
      }
      assertArrayEquals(before, widen(parameter.toFloats()), "closing widens the values");
    }
  }

  @ParameterizedTest
  @MethodSource("dev.mezzo.TestDevices#all")
  void clippingScalesAllGradientsToTheNorm(Device device) {
    Parameter a = GivenGradients.parameter(device, 0f, 0f);
    Parameter b = GivenGradients.parameter(device, 0f);
    try (GivenGradients training =
        GivenGradients.training(a, b)
            .optimizer(Sgd.of(1f))
            .clipNorm(6.5f)
            .lossScale(LossScale.fixed(SCALE))
            .build()) {
      training.step(scaled(3f, 4f), scaled(12f)); // norm 13
      assertArrayEquals(new float[] {-1.5f, -2f}, a.toFloats(), 1e-6f);
      assertArrayEquals(new float[] {-6f}, b.toFloats(), 1e-6f);
      training.step(scaled(3f, 4f), scaled(0f)); // norm 5: as it is
      assertArrayEquals(new float[] {-4.5f, -6f}, a.toFloats(), 1e-6f);
    }
  }

  static void assertShadowsAreRounded(GivenGradients training) {
    for (TrainedParameter trained : training.parameters()) {
      try (Tensor rounded = Ops.cast(trained.master(), trained.half().dtype())) {
        assertArrayEquals(rounded.toFloats(), trained.half().toFloats(), trained.path());
      }
    }
  }

  /** Values that FP16 and BF16 hold exactly, also times {@link #SCALE}; none too near to 0. */
  private static float[] halves(Random random, int size) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      int magnitude = 32 + random.nextInt(96);
      values[i] = (random.nextBoolean() ? magnitude : -magnitude) / 64f;
    }
    return values;
  }

  private static float[] scaled(float... gradient) {
    float[] scaled = gradient.clone();
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] *= SCALE;
    }
    return scaled;
  }

  private static double[] widen(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  private static void reference(
      Optimizer optimizer, int step, float[] gradient, double[] w, double[][] state) {
    double rate = RATE.rate(step);
    for (int i = 0; i < w.length; i++) {
      switch (optimizer) {
        case Sgd sgd -> {
          double g = gradient[i] + (double) sgd.weightDecay() * w[i];
          double v = (double) sgd.momentum() * state[0][i] + g;
          state[0][i] = v;
          w[i] -= rate * (sgd.nesterov() ? g + sgd.momentum() * v : v);
        }
        case AdamW adam -> {
          double m = adam.beta1() * state[0][i] + (1.0 - adam.beta1()) * gradient[i];
          double v = adam.beta2() * state[1][i] + (1.0 - adam.beta2()) * gradient[i] * gradient[i];
          state[0][i] = m;
          state[1][i] = v;
          double mean = m / (1 - Math.pow(adam.beta1(), step + 1));
          double root = Math.sqrt(v / (1 - Math.pow(adam.beta2(), step + 1)));
          w[i] -= rate * (mean / (root + adam.epsilon()) + adam.weightDecay() * w[i]);
        }
      }
    }
  }
}
