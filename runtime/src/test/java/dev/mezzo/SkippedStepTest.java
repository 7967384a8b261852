package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.optim.AdamW;
import dev.mezzo.optim.Optimizer;
import dev.mezzo.optim.Schedule;
import dev.mezzo.optim.Sgd;
import dev.mezzo.scaling.LossScale;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A step whose gradients are not finite changes no bit of anything but the loss scale. */
class SkippedStepTest {

  private static final int SIZE = 207;
  private static final float SCALE = 64f;
  private static final Schedule RATE = Schedule.step(0.125f, 0.5f, 1);

  static Stream<Arguments> trainings() {
    return TestDevices.all()
        .flatMap(
            device ->
                Stream.of(Sgd.of(RATE).withMomentum(0.9f).withWeightDecay(0.1f), AdamW.of(RATE))
                    .flatMap(
                        optimizer ->
                            Stream.of(HalfFormat.values())
                                .flatMap(
                                    half ->
                                        Stream.of(true, false)
                                            .map(m -> Arguments.of(device, optimizer, half, m)))));
  }

  @ParameterizedTest
  @MethodSource("trainings")
  void changesNoBit(Device device, Optimizer optimizer, HalfFormat half, boolean masters) {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      try (GivenGradients training = open(device, optimizer, half, masters)) {
        for (int at : new int[] {0, 100, SIZE - 1}) {
          List<int[]> before = bits(training);
          float rate = training.learningRate();
          long applied = training.appliedSteps();
          float[] gradient = gradient(1);
          gradient[at] = bad;
          assertInstanceOf(Skipped.class, training.step(gradient(2), gradient));
          assertSameBits(before, bits(training));
          assertEquals(rate, training.learningRate());
          assertEquals(applied, training.appliedSteps());
          assertInstanceOf(Applied.class, training.step(gradient(3), gradient(4)));
          assertTrue(Arrays.mismatch(before.getFirst(), bits(training).getFirst()) >= 0);
        }
      }
    }
  }

  /** The whole run is the one without the skipped steps: momentum, bias correction, schedule. */
  @ParameterizedTest
  @MethodSource("trainings")
  void leavesNoTraceInLaterSteps(
      Device device, Optimizer optimizer, HalfFormat half, boolean masters) {
    float[] bad = gradient(9);
    bad[SIZE / 2] = Float.NaN;
    try (GivenGradients straight = open(device, optimizer, half, masters);
        GivenGradients interrupted = open(device, optimizer, half, masters)) {
      interrupted.step(bad, bad); // the very first step, on memory that held NaN
      for (int i = 0; i < 4; i++) {
        straight.step(gradient(i), gradient(i + 1));
        interrupted.step(gradient(i), gradient(i + 1));
        interrupted.step(bad, gradient(7));
        interrupted.step(gradient(7), bad);
      }
      assertSameBits(bits(straight), bits(interrupted));
      assertEquals(4, interrupted.appliedSteps());
      assertEquals(9, interrupted.skippedSteps());
    }
  }

  @ParameterizedTest
  @MethodSource("dev.mezzo.TestDevices#all")
  void namesTheFirstGradientInBackwardsOrder(Device device) {
    try (GivenGradients training = open(device, Sgd.of(0.1f), HalfFormat.FP16, true)) {
      float[] bad = gradient(1);
      bad[3] = Float.NaN;
      Skipped both = (Skipped) training.step(bad, bad);
      assertEquals(
          new Overflow("", "p1", "Given.java:1", null, Overflow.NOT_FOUND), both.overflow());
      Skipped onlyFirst = (Skipped) training.step(bad, gradient(1));
      assertEquals(
          "Given.java:0, grad of p0; origin unknown: " + Overflow.NOT_FOUND,
          onlyFirst.overflow().toString());
      assertEquals(2, onlyFirst.inARow());
      assertEquals(1.5f, onlyFirst.loss());
      training.step(gradient(1), gradient(1));
      assertEquals(1, ((Skipped) training.step(bad, bad)).inARow());
    }
  }

  @ParameterizedTest
  @MethodSource("dev.mezzo.TestDevices#all")
  void theScaleFallsAndRisesAsItsRuleSays(Device device) {
    LossScale rule = new LossScale(32f, 2f, 0.5f, 2, 8f, 64f, 2, 0, 0);
    Parameter parameter = GivenGradients.parameter(device, 1f, 2f);
    try (GivenGradients training =
        GivenGradients.training(parameter).optimizer(Sgd.of(0.1f)).lossScale(rule).build()) {
      LossScale expected = rule;
      float[] good = {1f, 1f};
      float[] bad = {1f, Float.POSITIVE_INFINITY};
      for (char c : "ogoooogggggggggogo".toCharArray()) {
        StepResult result = training.step(c == 'g' ? good : bad);
        assertEquals(expected.scale(), result.scale(), "the scale that the step was made with");
        expected = expected.next(c == 'g');
        assertEquals(expected, training.scaling());
        assertEquals(expected.scale(), training.readScale());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.mezzo.TestDevices#all")
  void tooManyInARowStopTheTraining(Device device) {
    Parameter parameter = GivenGradients.parameter(device, 1f, 2f);
    float[] bad = {Float.NaN, 1f};
    try (GivenGradients training =
        GivenGradients.training(parameter).optimizer(Sgd.of(0.1f)).maxSkips(3).build()) {
      training.step(bad);
      training.step(bad);
      training.step(new float[] {1f, 1f});
      List<int[]> before = bits(training);
      training.step(bad);
      training.step(bad);
      TrainingStoppedException stopped =
          assertThrows(TrainingStoppedException.class, () -> training.step(bad));
      assertEquals(3, stopped.last().inARow());
      assertTrue(stopped.toString().contains("3 steps in a row were skipped"));
      assertTrue(stopped.toString().contains("Given.java:0, grad of p0"), stopped.toString());
      assertSameBits(before, bits(training));
      assertInstanceOf(Applied.class, training.step(new float[] {1f, 1f}), "it may go on");
    }
  }

  private static GivenGradients open(
      Device device, Optimizer optimizer, HalfFormat half, boolean masters) {
    Parameter first = GivenGradients.parameter(device, gradient(20));
    Parameter second = GivenGradients.parameter(device, gradient(21));
    TestDevices.poison(device, 1, 2, 3, 4, SIZE);
    return GivenGradients.training(first, second)
        .optimizer(optimizer)
        .half(half)
        .masterWeights(masters)
        .lossScale(LossScale.fixed(SCALE))
        .build();
  }

  private static float[] gradient(int seed) {
    float[] values = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      values[i] = ((i * 31 + seed * 17) % 101 - 50) / 4f;
    }
    return values;
  }

  /** Masters, shadows, momentum and variance. */
  private static List<int[]> bits(GivenGradients training) {
    List<int[]> bits = new ArrayList<>();
    for (TrainedParameter trained : training.parameters()) {
      bits.add(bits(trained.master()));
      bits.add(bits(trained.half()));
      trained.state().forEach(state -> bits.add(bits(state)));
    }
    return bits;
  }

  private static int[] bits(Tensor tensor) {
    float[] values = tensor.toFloats();
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
      assertFalse(Float.isNaN(values[i]), "memory from before was read");
    }
    return bits;
  }

  private static void assertSameBits(List<int[]> expected, List<int[]> found) {
    assertEquals(expected.size(), found.size());
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), found.get(i), "array " + i);
    }
  }
}
