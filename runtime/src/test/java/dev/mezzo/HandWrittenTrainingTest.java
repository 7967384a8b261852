package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.HandMixedClassifier.Classifier;
import dev.mezzo.HandMixedMlp.Mlp;
import dev.mezzo.layers.Linear;
import dev.mezzo.optim.AdamW;
import dev.mezzo.optim.Optimizer;
import dev.mezzo.optim.Schedule;
import dev.mezzo.optim.Sgd;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A whole training, its mixed forms written by hand as the processor writes them. */
class HandWrittenTrainingTest {

  private static final int BATCH = 48;
  private static final int FEATURES = 7;
  private static final int HIDDEN = 33;
  private static final int CLASSES = 3;

  private final Device device = TestDevices.scalar();
  private final Device before = Device.current();

  @BeforeEach
  void useScalar() {
    Device.setDefault(device);
  }

  @AfterEach
  void useDefault() {
    Device.setDefault(before);
  }

  @ParameterizedTest
  @CsvSource({"NONE, true", "FP16, true", "BF16, true", "FP16, false"})
  void learnsASmallProblem(HalfFormat half, boolean masters) {
    for (Optimizer optimizer :
        List.of(
            AdamW.of(Schedule.warmUp(5, Schedule.cosine(0.02f, 0.001f, 60))),
            Sgd.of(0.2f).withMomentum(0.9f).withNesterov())) {
      Classifier model = model(0.1f);
      try (Tensor images = images();
          Tensor labels = labels();
          HandMixedClassifier training =
              HandMixedClassifier.training(model)
                  .optimizer(optimizer)
                  .half(half)
                  .masterWeights(masters)
                  .seed(5)
                  .build()) {
        float first = training.evaluate(images, labels);
        assertEquals(Math.log(CLASSES), first, 0.5);
        for (int i = 0; i < 60; i++) {
          training.step(images, labels);
        }
        float last = training.evaluate(images, labels);
        assertTrue(last < 0.05f, half + " " + optimizer + ": " + last);
        assertTrue(training.skippedSteps() <= 4, "the scale starts at most 4 halvings too high");
        if (masters) {
          try (Tensor eager = model.loss(images, labels)) {
            assertEquals(last, eager.item(), 0.01f, "the eager model is the trained one");
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = HalfFormat.class,
      names = {"FP16", "BF16"})
  void gradientsAreThoseOfFp32Rounded(HalfFormat half) {
    List<float[]> full = gradients(HalfFormat.NONE);
    List<float[]> mixed = gradients(half);
    double unit = half == HalfFormat.FP16 ? 0x1p-11 : 0x1p-8;
    for (int i = 0; i < full.size(); i++) {
      double largest = 0;
      double error = 0;
      for (int j = 0; j < full.get(i).length; j++) {
        largest = Math.max(largest, Math.abs(full.get(i)[j]));
        error = Math.max(error, Math.abs(full.get(i)[j] - mixed.get(i)[j]));
      }
      assertTrue(error < 8 * unit * largest, "weight " + i + ": " + error + " of " + largest);
      assertTrue(error > 0, "weight " + i + " went through 16 bits");
    }
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    assertArrayEquals(trained(3), trained(3));
    assertTrue(java.util.Arrays.mismatch(trained(3), trained(4)) >= 0, "dropout draws by the seed");
  }

  @Test
  void activationsTakeHalfTheMemory() {
    assertEquals(
        4L * BATCH * (FEATURES + 2 * HIDDEN + CLASSES) + 4 * BATCH, saved(HalfFormat.NONE));
    assertEquals(
        2L * BATCH * (FEATURES + 2 * HIDDEN + CLASSES) + 4 * BATCH, saved(HalfFormat.FP16));
  }

  @Test
  void shadowsFollowAndNothingLeaks() {
    Classifier model = model(0.5f);
    try (Tensor images = images();
        Tensor labels = labels()) {
      long start = device.memory().liveTensors();
      try (HandMixedClassifier training =
          HandMixedClassifier.training(model).optimizer(AdamW.of(0.01f)).build()) {
        training.step(images, labels);
        long afterOne = device.memory().liveTensors();
        for (int i = 0; i < 5; i++) {
          training.step(images, labels);
          training.evaluate(images, labels);
          for (TrainedParameter trained : training.parameters()) {
            try (Tensor rounded = Ops.cast(trained.parameter(), DType.FP16)) {
              assertArrayEquals(rounded.toFloats(), trained.half().toFloats());
            }
          }
          assertEquals(afterOne, device.memory().liveTensors());
        }
      }
      assertEquals(start, device.memory().liveTensors());
      assertEquals(0, device.memory().savedBytes());
    }
    assertEquals(0, device.memory().abandonedTensors());
  }

  @Test
  void anOverflowNamesLayerAndLine() {
    float[] values = new float[BATCH * FEATURES];
    values[5] = Float.POSITIVE_INFINITY;
    try (Tensor images = Tensor.of(Shape.of(BATCH, FEATURES), values);
        Tensor labels = labels();
        HandMixedClassifier training =
            HandMixedClassifier.training(model(0f)).optimizer(AdamW.of(0.01f)).build()) {
      Skipped skipped = assertInstanceOf(Skipped.class, training.step(images, labels));
      assertEquals(
          new Overflow("net.out", "bias", "Linear.java:31 linear", null, Overflow.NOT_FOUND),
          skipped.overflow());
      assertEquals(
          "Linear.java:31 linear, grad of net.out.bias; origin unknown: not found when the step was run again",
          skipped.overflow().toString());
    }
  }

  @Test
  void aScaleThatIsTooHighFindsItsWayDown() {
    try (Tensor images = images();
        Tensor labels = labels();
        HandMixedClassifier training =
            HandMixedClassifier.training(model(0f))
                .optimizer(Sgd.of(0.1f))
                .lossScale(LossScale.dynamic().startingAt(0x1p24f))
                .build()) {
      int skips = 0;
      while (training.step(images, labels) instanceof Skipped) {
        skips++;
      }
      assertTrue(skips > 3, "2^24 does overflow");
      assertEquals(0x1p24f / (1 << skips), training.scaling().scale());
    }
  }

  @Test
  void aWrongShapeLeavesTheTrainingUsable() {
    try (Tensor images = images();
        Tensor labels = labels();
        Tensor wrong = Tensor.zeros(Shape.of(BATCH, FEATURES + 1), DType.FP32);
        HandMixedClassifier training =
            HandMixedClassifier.training(model(0f)).optimizer(Sgd.of(0.1f)).build()) {
      assertThrows(ShapeException.class, () -> training.step(wrong, labels));
      assertThrows(ShapeException.class, () -> training.evaluate(wrong, labels));
      assertInstanceOf(Applied.class, training.step(images, labels));
    }
  }

  private List<float[]> gradients(HalfFormat half) {
    List<float[]> gradients = new ArrayList<>();
    try (Tensor images = images();
        Tensor labels = labels();
        HandMixedClassifier training =
            HandMixedClassifier.training(model(0f))
                .optimizer(Sgd.of(0f))
                .half(half)
                .lossScale(LossScale.fixed(1024f))
                .build()) {
      training.step(images, labels);
      for (WeightView weight : training.weights()) {
        float[] gradient = weight.gradient();
        assertNotNull(gradient);
        gradients.add(gradient);
      }
    }
    return gradients;
  }

  private float[] trained(long seed) {
    Classifier model = model(0.5f);
    try (Tensor images = images();
        Tensor labels = labels();
        HandMixedClassifier training =
            HandMixedClassifier.training(model).optimizer(AdamW.of(0.01f)).seed(seed).build()) {
      for (int i = 0; i < 5; i++) {
        training.step(images, labels);
      }
    }
    return model.net().hidden().weight().toFloats();
  }

  private long saved(HalfFormat half) {
    try (Tensor images = images();
        Tensor labels = labels();
        HandMixedClassifier training =
            HandMixedClassifier.training(model(0.5f)).optimizer(Sgd.of(0.1f)).half(half).build()) {
      training.step(images, labels);
      return training.memoryUse().savedActivations();
    }
  }

  private static Classifier model(float rate) {
    Random random = new Random(11);
    return new Classifier(
        new Mlp(new Linear(FEATURES, HIDDEN, random), new Linear(HIDDEN, CLASSES, random), rate));
  }

  /** Three clouds, one a class. */
  private static Tensor images() {
    Random random = new Random(3);
    float[] values = new float[BATCH * FEATURES];
    for (int i = 0; i < values.length; i++) {
      int label = i / FEATURES % CLASSES;
      values[i] =
          (float) random.nextGaussian() * 0.5f + (i % FEATURES % CLASSES == label ? 1f : 0f);
    }
    return Tensor.of(Shape.of(BATCH, FEATURES), values);
  }

  private static Tensor labels() {
    int[] labels = new int[BATCH];
    for (int i = 0; i < BATCH; i++) {
      labels[i] = i % CLASSES;
    }
    return Tensor.ofInts(Shape.of(BATCH), labels);
  }
}
