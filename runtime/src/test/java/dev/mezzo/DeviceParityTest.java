package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.cuda.CudaBackend;
import dev.mezzo.backend.cuda.FakeCuda;
import dev.mezzo.optim.Sgd;
import dev.mezzo.scaling.LossScale;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The classes that javac wrote for small models, trained on a GPU, or on the fake one, and with
 * plain loops: docs/numerics.md, "Two devices over many steps", says how far they may differ.
 */
class DeviceParityTest {

  private static final int STEPS = 50;
  private static final int PROBES = 4;

  private static Device gpu = Device.cpu();

  @BeforeAll
  static void open() {
    String missing = FakeCuda.install();
    Assumptions.assumeTrue(missing.isEmpty(), missing);
    gpu = Device.of(new CudaBackend(0));
  }

  @AfterAll
  static void close() {
    if (gpu != Device.cpu()) {
      gpu.close();
    }
  }

  static Stream<Arguments> modelsAndFormats() {
    return Stream.of(SmallTraining.Kind.values())
        .flatMap(kind -> Stream.of(HalfFormat.values()).map(half -> Arguments.of(kind, half)));
  }

  @ParameterizedTest
  @MethodSource("modelsAndFormats")
  void lossesAreThoseOfPlainLoops(SmallTraining.Kind kind, HalfFormat half) {
    float[] expected = losses(kind, TestDevices.scalar(), half, rate(kind));
    double[] tolerances = tolerances(kind, half, expected);
    float[] found = losses(kind, gpu, half, rate(kind));
    for (int i = 0; i <= STEPS; i++) {
      assertEquals(expected[i], found[i], tolerances[i], kind + " " + half + ", step " + i);
    }
    assertTrue(found[STEPS - 1] < 0.9f * found[0], "it learns");
    float[] wrong = losses(kind, TestDevices.scalar(), half, 1.05f * rate(kind));
    assertTrue(
        Stream.iterate(0, i -> i <= STEPS, i -> i + 1)
            .anyMatch(i -> Math.abs(expected[i] - wrong[i]) > tolerances[i]),
        "a rate that is 5 % too large would be found");
  }

  /** From a scale that is far too large: the same steps are skipped, for the same reason. */
  @ParameterizedTest
  @EnumSource
  void overflowsAreSkippedAlike(SmallTraining.Kind kind) {
    LossScale huge = new LossScale(0x1p60f, 2, 0x1p-15f, 2000, 1, 0x1p60f, 1, 0, 0);
    try (SmallTraining expected = open(kind, TestDevices.scalar(), HalfFormat.FP16, huge, 0.01f);
        SmallTraining found = open(kind, gpu, HalfFormat.FP16, huge, 0.01f)) {
      List<float[]> before = weights(found);
      int step = 0;
      while (expected.next(step) instanceof Skipped skipped) {
        Skipped there = assertInstanceOf(Skipped.class, found.next(step));
        assertEquals(skipped.overflow(), there.overflow());
        assertEquals(skipped.scale(), there.scale());
        for (int i = 0; i < before.size(); i++) {
          assertArrayEquals(before.get(i), weights(found).get(i), "no weight has moved");
        }
        step++;
      }
      assertTrue(step > 1, "steps were skipped");
      assertInstanceOf(Applied.class, found.next(step));
      assertEquals(expected.training().scaling(), found.training().scaling());
    }
  }

  private static List<float[]> weights(SmallTraining small) {
    return small.training().parameters().stream().map(each -> each.master().toFloats()).toList();
  }

  private static float rate(SmallTraining.Kind kind) {
    return switch (kind) {
      case MLP -> 0.05f;
      case CNN -> 0.01f;
      case GPT -> 0.02f;
      case LSTM -> 0.5f;
    };
  }

  /** The greatest difference that noise of a unit makes, up to each step. */
  private static double[] tolerances(SmallTraining.Kind kind, HalfFormat half, float[] expected) {
    double[] greatest = new double[STEPS + 1];
    for (int probe = 0; probe < PROBES; probe++) {
      float[] noisy = new float[STEPS + 1];
      Device device = TestDevices.scalar();
      try (SmallTraining small = open(kind, device, half, rate(kind))) {
        device.watch(new UnitNoise(probe), () -> train(small, noisy));
      }
      double most = 0;
      for (int i = 0; i <= STEPS; i++) {
        most = Math.max(most, Math.abs(expected[i] - noisy[i]));
        greatest[i] = Math.max(greatest[i], most);
      }
    }
    return greatest;
  }

  private static float[] losses(
      SmallTraining.Kind kind, Device device, HalfFormat half, float rate) {
    float[] losses = new float[STEPS + 1];
    try (SmallTraining small = open(kind, device, half, rate)) {
      train(small, losses);
    }
    return losses;
  }

  /** The losses of the steps, and last of all one in inference: by running statistics. */
  private static void train(SmallTraining small, float[] losses) {
    for (int i = 0; i < STEPS; i++) {
      losses[i] = assertInstanceOf(Applied.class, small.next(i)).loss();
    }
    losses[STEPS] = small.firstLoss();
  }

  private static SmallTraining open(
      SmallTraining.Kind kind, Device device, HalfFormat half, float rate) {
    return open(kind, device, half, LossScale.fixed(256), rate);
  }

  private static SmallTraining open(
      SmallTraining.Kind kind, Device device, HalfFormat half, LossScale scale, float rate) {
    return SmallTraining.open(
        kind,
        device,
        new SmallTraining.Settings() {
          @Override
          public <T extends Training> TrainingBuilder<T> on(TrainingBuilder<T> builder) {
            return builder
                .optimizer(Sgd.of(rate).withMomentum(0.9f))
                .half(half)
                .lossScale(scale)
                .seed(5);
          }
        });
  }
}
