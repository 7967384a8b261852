package dev.mezzo;

import static dev.mezzo.GivenGradients.UNREACHED;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.optim.AdamW;
import dev.mezzo.optim.Sgd;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.DType;
import dev.mezzo.types.ShapeException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The life of a training: building, stepping, failing, closing. */
class TrainingTest {

  private final Device device = TestDevices.scalar();
  private final Parameter a = GivenGradients.parameter(device, 1f, 2f, 3f);
  private final Parameter b = GivenGradients.parameter(device, 4f);

  @Test
  void aStepAppliesAndCounts() {
    try (GivenGradients training = plain(LossScale.fixed(4f))) {
      assertEquals(
          new Applied(1.5f, 4f, 1), training.step(new float[] {4f, 8f, 0f}, new float[] {4f}));
      assertEquals(
          new Applied(1.5f, 4f, 2), training.step(new float[] {0f, 0f, 4f}, new float[] {4f}));
      assertArrayEquals(new float[] {0.5f, 1f, 2.5f}, a.toFloats());
      assertArrayEquals(new float[] {3f}, b.toFloats());
      assertEquals(2, training.appliedSteps());
    }
  }

  @Test
  void aWeightThatBackwardDidNotReachStays() {
    try (GivenGradients training =
        GivenGradients.training(a, b)
            .optimizer(Sgd.of(0.5f).withMomentum(0.5f).withWeightDecay(0.1f))
            .build()) {
      training.step(UNREACHED, new float[] {65536f / 4});
      assertArrayEquals(new float[] {1f, 2f, 3f}, a.toFloats());
      assertNull(training.weights().getFirst().gradient());
      assertInstanceOf(Applied.class, training.step(UNREACHED, UNREACHED));
    }
  }

  @Test
  void otherFormatsThanThoseCompiledForAreRefused() {
    var builder =
        GivenGradients.training(a, b)
            .formats(HalfFormat.BF16)
            .optimizer(Sgd.of(0.5f))
            .lossScale(LossScale.fixed(4f));
    try (GivenGradients training = builder.build()) {
      assertEquals(DType.BF16, training.weight(0).half().dtype());
    }
    builder.half(HalfFormat.NONE).build().close();
    Exception refused =
        assertThrows(IllegalStateException.class, () -> builder.half(HalfFormat.FP16).build());
    assertTrue(
        refused.toString().contains("compile it with -Amezzo.formats=fp16"), refused.toString());
  }

  @Test
  void leavesNothingBehind() {
    long before = device.memory().liveTensors();
    long bytes = device.memory().liveBytes();
    for (boolean masters : new boolean[] {true, false}) {
      try (GivenGradients training =
          GivenGradients.training(a, b).optimizer(AdamW.of(0.1f)).masterWeights(masters).build()) {
        training.step(new float[] {1f, 1f, 1f}, new float[] {1f});
        training.step(new float[] {1f, 1f, 1f}, UNREACHED);
        training.weight(0).full();
      }
      assertEquals(before, device.memory().liveTensors());
      assertEquals(bytes, device.memory().liveBytes());
    }
    assertEquals(0, device.memory().abandonedTensors());
  }

  @Test
  void reportsItsMemory() {
    try (GivenGradients training =
        GivenGradients.training(a, b).optimizer(AdamW.of(0.1f)).build()) {
      assertEquals(new MemoryUse(16, 8, 0, 32, 0), training.memoryUse());
      training.step(new float[3], new float[1]);
      assertEquals(new MemoryUse(16, 8, 8, 32, 0), training.memoryUse());
      Tape tape = training.beginAlone();
      try (Tensor saved = GivenGradients.tensor(device, DType.FP16, 1f, 2f, 3f)) {
        tape.save(saved);
      }
      tape.restoreTensor().close();
      training.updateAlone();
      assertEquals(new MemoryUse(16, 8, 0, 32, 6), training.memoryUse());
    }
    try (GivenGradients training =
        GivenGradients.training(a, b)
            .optimizer(Sgd.of(0.1f).withMomentum(0.9f))
            .masterWeights(false)
            .build()) {
      long live = device.memory().liveBytes();
      assertEquals(new MemoryUse(8, 0, 0, 16, 0), training.memoryUse());
      assertTrue(live < 16 + 8 + 16 + 2000, "no FP32 copy is kept");
    }
    try (GivenGradients training =
        GivenGradients.training(a, b).optimizer(Sgd.of(0.1f)).half(HalfFormat.NONE).build()) {
      training.step(new float[3], new float[1]);
      assertEquals(new MemoryUse(16, 0, 16, 0, 0), training.memoryUse());
    }
  }

  @Test
  void withoutAMasterTheParametersFp32MemoryIsGivenUp() {
    long bytes = device.memory().liveBytes();
    Parameter big = GivenGradients.parameter(device, new float[1000]);
    assertEquals(bytes + 4000, device.memory().liveBytes());
    GivenGradients training =
        GivenGradients.training(big).optimizer(Sgd.of(0.5f)).masterWeights(false).build();
    assertTrue(device.memory().liveBytes() < bytes + 2000 + 1100 /* rates, control */);
    refused("its values are in 16 bits until the training is closed", big::toFloats);
    refused("is being trained", () -> big.copyFrom(new float[1000]));
    training.close();
    assertArrayEquals(new float[1000], big.toFloats());
    assertEquals(bytes + 4000, device.memory().liveBytes());
  }

  @Test
  void formatNoneReadsTheMasterItself() {
    try (GivenGradients training =
        GivenGradients.training(a).optimizer(Sgd.of(0.5f)).half(HalfFormat.NONE).build()) {
      assertSame(a, training.weight(0).half());
      assertSame(a, training.weight(0).full());
      assertEquals(LossScale.none(), training.scaling());
    }
    try (GivenGradients training =
        GivenGradients.training(a)
            .optimizer(Sgd.of(0.5f))
            .half(HalfFormat.NONE)
            .lossScale(LossScale.fixed(8f))
            .build()) {
      training.step(new float[] {8f, 16f, 0f});
      assertArrayEquals(new float[] {0.5f, 1f, 3f}, a.toFloats());
    }
    try (GivenGradients training = GivenGradients.training(a).optimizer(Sgd.of(0.5f)).build()) {
      assertEquals(LossScale.dynamic(), training.scaling());
    }
  }

  @Test
  void showsWeightsAndUnscaledGradients() {
    try (GivenGradients training = plain(LossScale.fixed(4f))) {
      training.step(new float[] {4f, 8f, 0f}, new float[] {Float.POSITIVE_INFINITY});
      WeightView view = training.weights().getFirst();
      assertEquals("p0", view.path());
      assertArrayEquals(new float[] {1f, 2f, 3f}, view.values());
      assertArrayEquals(new float[] {1f, 2f, 0f}, view.gradient());
      ExponentHistogram exponents = view.gradientExponents();
      assertEquals(1, exponents.zeros());
      assertEquals(1, exponents.count(0));
      assertEquals(1, exponents.count(1));
      assertEquals(1, exponents.below(1));
      assertEquals(3, exponents.total());
      assertEquals(1, training.weights().get(1).gradientExponents().notFinite());
      training.beginAlone();
      assertNull(view.gradient());
    }
  }

  @Test
  void anExceptionInAStepLeavesTheTrainingUsable() {
    try (GivenGradients training = plain(LossScale.fixed(1f))) {
      Tape tape = training.beginAlone();
      try (Tensor saved = GivenGradients.tensor(device, DType.FP16, 1f)) {
        tape.save(saved);
      }
      Tensor gradient = GivenGradients.tensor(device, DType.FP16, 9f, 9f, 9f);
      training.weight(0).accumulate(gradient, "Given.java:1");
      Tensor wrong = GivenGradients.tensor(device, DType.FP16, 1f, 2f);
      ShapeException error =
          assertThrows(
              ShapeException.class,
              () -> training.weight(1).accumulate(wrong, "Given.java:7 linear"));
      assertEquals(
          "Given.java:7 linear: its gradient of p1 has shape (2), but the parameter has (1)",
          error.getMessage());
      assertTrue(wrong.isClosed());
      training.step(new float[] {1f, 1f, 1f}, new float[] {1f});
      assertTrue(gradient.isClosed(), "the failed step's gradients are dropped");
      assertArrayEquals(new float[] {0.5f, 1.5f, 2.5f}, a.toFloats());
      assertEquals(0, device.memory().savedBytes());
    }
  }

  @Test
  void aLossThatIsNoScalarIsRefusedBeforeBackward() {
    long before = device.memory().liveTensors();
    try (GivenGradients training = plain(LossScale.fixed(1f))) {
      for (float[] values : new float[][] {{1f}, {1f, 2f}}) {
        String message =
            "GivenGradients: the loss has shape (%d), but must be a scalar, which backward begins with; end 'loss' with mean, sum or crossEntropy"
                .formatted(values.length);
        Tensor stepped = GivenGradients.tensor(device, DType.FP32, values);
        Tensor evaluated = GivenGradients.tensor(device, DType.FP32, values);
        assertEquals(
            message,
            assertThrows(ShapeException.class, () -> training.stepWithLoss(stepped)).getMessage());
        assertEquals(
            message,
            assertThrows(ShapeException.class, () -> training.evaluateLoss(evaluated))
                .getMessage());
      }
      training.step(new float[] {1f, 1f, 1f}, UNREACHED);
      assertArrayEquals(new float[] {0.5f, 1.5f, 2.5f}, a.toFloats());
    }
    assertEquals(before, device.memory().liveTensors());
  }

  @Test
  void aTapeThatBackwardDidNotEmptyIsABug() {
    try (GivenGradients training = plain(LossScale.fixed(1f))) {
      training.beginAlone().save(1L);
      refused("backward left 1 saved values", training::updateAlone);
      refused(
          "update without begin",
          () -> {
            training.step(UNREACHED, new float[] {1f});
            training.updateAlone();
          });
    }
  }

  @Test
  void closingTwiceAndUseAfterCloseAreErrors() {
    GivenGradients training = plain(LossScale.none());
    training.close();
    refused("the training is closed twice", training::close);
    refused("the training is closed", () -> training.step(UNREACHED, new float[] {1f}));
    refused("the training is closed", () -> training.weight(0).half());
    refused("the training is closed", () -> training.weight(0).full());
    refused("the training is closed", training::weights);
  }

  @Test
  void anotherThreadsStepAtTheSameTimeIsAnError() throws InterruptedException {
    try (GivenGradients training = plain(LossScale.none())) {
      CountDownLatch inStep = new CountDownLatch(1);
      CountDownLatch refused = new CountDownLatch(1);
      Thread other =
          Thread.ofPlatform().name("other").start(() -> training.stepDuring(inStep, refused));
      inStep.await();
      refused(
          "while thread 'other' is in a step", () -> training.step(UNREACHED, new float[] {1f}));
      refused("while thread 'other' is in a step", training::close);
      refused.countDown();
      other.join();
      assertEquals(1, training.appliedSteps());
      Thread failing =
          Thread.ofPlatform()
              .start(
                  () -> {
                    var _ = training.beginAlone();
                  });
      failing.join();
      assertInstanceOf(
          Applied.class,
          training.step(UNREACHED, new float[] {1f}),
          "a step that ended with an exception on another thread is over");
    }
  }

  @Test
  void aParameterIsTrainedOnceAtATime() {
    try (GivenGradients training = plain(LossScale.none())) {
      refused(
          "parameter p0 is being trained; close the training first", () -> plain(LossScale.none()));
      refused("parameter p1 is being trained", () -> b.fill(0f));
      training.step(new float[] {1f, 1f, 1f}, new float[] {1f});
    }
    b.fill(0f);
    plain(LossScale.none()).close();
  }

  @Test
  void aBuildThatFailsGivesEverythingBack() {
    Parameter elsewhere = GivenGradients.parameter(TestDevices.scalar(), 1f);
    long before = device.memory().liveTensors();
    refused(
        "is on another device",
        () -> GivenGradients.training(a, elsewhere).optimizer(Sgd.of(1f)).build());
    refused(
        "is on another device",
        () ->
            GivenGradients.training(a).optimizer(Sgd.of(1f)).device(TestDevices.scalar()).build());
    refused(
        "the schedule gives NaN after 0 steps",
        () -> {
          try (GivenGradients training =
              GivenGradients.training(a).optimizer(Sgd.of(applied -> Float.NaN)).build()) {
            training.step(new float[3]);
          }
        });
    assertEquals(before, device.memory().liveTensors());
    plain(LossScale.none()).close();
  }

  @Test
  void badSettingsSayWhatToDo() {
    refused(
        "no optimizer: call optimizer(AdamW.of(1e-3f)), or another, before build()",
        () -> GivenGradients.training(a).build());
    assertThrows(IllegalArgumentException.class, () -> GivenGradients.training(a).clipNorm(0f));
    assertThrows(
        IllegalArgumentException.class, () -> GivenGradients.training(a).clipNorm(Float.NaN));
    assertThrows(IllegalArgumentException.class, () -> GivenGradients.training(a).maxSkips(0));
    refused(
        "no parameters",
        () -> new TrainingBuilder<>(LossScale.none(), Bare::new).optimizer(Sgd.of(1f)).build());
  }

  @Test
  void theScheduleIsFollowedBeyondItsWindow() {
    Parameter one = GivenGradients.parameter(device, 0f);
    int steps = RateWindow.SIZE * 2 + 10;
    float[] bad = {Float.NaN};
    try (GivenGradients training =
        GivenGradients.training(one)
            .optimizer(Sgd.of(applied -> applied % 7))
            .half(HalfFormat.NONE)
            .build()) {
      float expected = 0;
      for (int i = 0; i < steps; i++) {
        if (i % 5 == 0) {
          training.step(bad);
        }
        assertEquals(i % 7, training.learningRate());
        training.step(new float[] {1f});
        expected -= i % 7;
        assertEquals(expected, one.item(), "after " + i);
      }
    }
  }

  private GivenGradients plain(LossScale scale) {
    return GivenGradients.training(a, b).optimizer(Sgd.of(0.5f)).lossScale(scale).build();
  }

  private static void refused(String message, Executable use) {
    IllegalStateException error = assertThrows(IllegalStateException.class, use);
    assertTrue(String.valueOf(error.getMessage()).contains(message), error.getMessage());
  }

  private static final class Bare extends Training {
    Bare(TrainingSettings settings) {
      super(settings);
    }
  }
}
