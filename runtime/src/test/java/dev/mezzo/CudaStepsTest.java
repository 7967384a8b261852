package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mezzo.HandMixedClassifier.Classifier;
import dev.mezzo.HandMixedMlp.Mlp;
import dev.mezzo.backend.cuda.CudaBackend;
import dev.mezzo.backend.cuda.FakeCuda;
import dev.mezzo.backend.cuda.FakeDriver;
import dev.mezzo.layers.Linear;
import dev.mezzo.optim.AdamW;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a step on a GPU does not do: wait for it, or take memory. Calls of the driver are counted.
 */
class CudaStepsTest {

  private static final int FEATURES = 20;
  private static final int CLASSES = 5;
  private static final List<String> WAITING =
      List.of("cuStreamSynchronize", "cuEventSynchronize", "cuMemcpyDtoHAsync_v2");

  private final Device before = Device.current();

  @BeforeEach
  void fake() {
    assumeFalse(FakeCuda.real(), "calls of a GPU's driver are not counted");
    String missing = FakeCuda.install();
    assumeTrue(missing.isEmpty(), missing);
    FakeDriver.reset();
  }

  @AfterEach
  void reset() {
    Device.setDefault(before);
    if (FakeCuda.install().isEmpty() && !FakeCuda.real()) {
      FakeDriver.reset();
    }
  }

  /** Each with a batch of its own, uploaded meanwhile. */
  @Test
  void startedStepsWaitForNothing() {
    try (CudaBackend backend = new CudaBackend(0);
        HandMixedClassifier training = training(Device.of(backend))) {
      for (int i = 0; i < 3; i++) {
        step(training, 40, i);
      }
      long waits = calls(WAITING);
      List<PendingStep> started = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        started.add(start(training, 40, i));
      }
      assertEquals(waits, calls(WAITING));
      for (int i = 0; i < 10; i++) {
        assertEquals(4 + i, ((Applied) started.get(i).result()).step());
      }
      assertTrue(calls(WAITING) > waits);
    }
  }

  @Test
  void startedStepsAreThoseThatAreWaitedFor() {
    List<StepResult> waited = new ArrayList<>();
    List<StepResult> late = new ArrayList<>();
    try (CudaBackend backend = new CudaBackend(0);
        HandMixedClassifier training = training(Device.of(backend))) {
      for (int i = 0; i < 80; i++) {
        waited.add(step(training, 13, i));
      }
    }
    try (CudaBackend backend = new CudaBackend(0);
        HandMixedClassifier training = training(Device.of(backend))) {
      List<PendingStep> started = new ArrayList<>();
      for (int i = 0; i < 80; i++) { // more than may be pending
        started.add(start(training, 13, i));
      }
      assertEquals(80, training.appliedSteps());
      started.forEach(step -> late.add(step.result()));
    }
    assertEquals(waited, late);
  }

  @Test
  void afterTheFirstStepsNoMemoryIsTaken() {
    try (CudaBackend backend = new CudaBackend(0);
        HandMixedClassifier training = training(Device.of(backend))) {
      step(training, 40, 0);
      long taken = calls(List.of("cuMemAlloc_v2"));
      for (int i = 1; i < 10; i++) {
        step(training, 40, i);
      }
      assertEquals(taken, calls(List.of("cuMemAlloc_v2")));
    }
  }

  /** A batch too many is refused with what there is and who has it; a smaller one still trains. */
  @Test
  void afterABatchThatDoesNotFitATrainingGoesOn() {
    try (CudaBackend backend = new CudaBackend(0);
        HandMixedClassifier training = training(Device.of(backend))) {
      float loss = step(training, 40, 0).loss();
      FakeDriver.limit(1 << 20);
      OutOfMemoryError e =
          assertThrows(OutOfMemoryError.class, () -> step(training, 400_000, 0), "32 MB of batch");
      String message = String.valueOf(e.getMessage());
      assertTrue(message.contains("bytes asked for on cuda"), message);
      assertTrue(message.contains(" are free there, "), message);
      assertTrue(message.contains("Most tensors:"), message);
      assertTrue(message.contains("PeakMemory.of"), message);
      assertTrue(String.valueOf(e.getCause()).contains("are free"), () -> "" + e.getCause());
      StepResult next = step(training, 40, 0);
      assertEquals(2, ((Applied) next).step());
      assertFalse(next.loss() > loss, "it learnt");
    }
  }

  private static long calls(List<String> functions) {
    return functions.stream().mapToLong(FakeDriver::calls).sum();
  }

  private static HandMixedClassifier training(Device device) {
    Device.setDefault(device);
    Random random = new Random(3);
    Classifier model =
        new Classifier(
            new Mlp(new Linear(FEATURES, 24, random), new Linear(24, CLASSES, random), 0.25f));
    return HandMixedClassifier.training(model).optimizer(AdamW.of(0.01f)).seed(5).build();
  }

  private static StepResult step(HandMixedClassifier training, int batch, int number) {
    try (Tensor images = images(batch, number);
        Tensor labels = labels(batch, number)) {
      return training.step(images, labels);
    }
  }

  private static PendingStep start(HandMixedClassifier training, int batch, int number) {
    try (Tensor images = images(batch, number);
        Tensor labels = labels(batch, number)) {
      return training.start(images, labels);
    }
  }

  private static Tensor images(int batch, int number) {
    Random random = new Random(number);
    float[] values = new float[batch * FEATURES];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(Shape.of(batch, FEATURES), values);
  }

  private static Tensor labels(int batch, int number) {
    return Tensor.ofInts(Shape.of(batch), new Random(number).ints(batch, 0, CLASSES).toArray());
  }
}
