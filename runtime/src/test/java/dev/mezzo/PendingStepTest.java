package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.HandMixedClassifier.Classifier;
import dev.mezzo.HandMixedMlp.Mlp;
import dev.mezzo.layers.Linear;
import dev.mezzo.optim.AdamW;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps that are started, and read later, are those that are waited for. */
class PendingStepTest {

  private static final int FEATURES = 9;
  private static final int STEPS = 40;

  private final Device before = Device.current();

  static Stream<Device> devices() {
    return TestDevices.all();
  }

  @AfterEach
  void useDefault() {
    Device.setDefault(before);
  }

  /** The first steps overflow, until the scale is small enough. */
  @ParameterizedTest
  @MethodSource("devices")
  void outcomesAreTheSameLater(Device device) {
    LossScale large = new LossScale(0x1p24f, 2f, 0.5f, 7, 1f, 0x1p24f, 1, 0, 0);
    List<String> waited = new ArrayList<>();
    List<String> late = new ArrayList<>();
    try (HandMixedClassifier training = training(device, large, 50)) {
      for (int i = 0; i < STEPS; i++) {
        try (Tensor x = x(i);
            Tensor labels = labels()) {
          waited.add(show(training.step(x, labels)));
        }
      }
    }
    try (HandMixedClassifier training = training(device, large, 50)) {
      PendingStep last = null;
      for (int i = 0; i < STEPS; i++) {
        try (Tensor x = x(i);
            Tensor labels = labels()) {
          PendingStep started = training.start(x, labels);
          if (last != null) {
            late.add(show(last.result()));
          }
          last = started;
        }
      }
      late.add(show(Objects.requireNonNull(last).result()));
    }
    assertTrue(waited.getFirst().startsWith("skipped"), waited.getFirst());
    assertTrue(waited.stream().anyMatch(step -> step.startsWith("applied")), "none was applied");
    assertEquals(waited, late);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void theLastOfTooManySkippedStepsEndsTheTraining(Device device) {
    try (HandMixedClassifier training = training(device, LossScale.fixed(1e30f), 2)) {
      List<PendingStep> started = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        try (Tensor x = x(i);
            Tensor labels = labels()) {
          started.add(training.start(x, labels));
        }
      }
      assertEquals(2, training.skippedSteps());
      assertEquals(1, ((Skipped) started.get(0).result()).inARow());
      assertThrows(TrainingStoppedException.class, started.get(1)::result);
    }
  }

  /** A step that was started is over when its training is closed. */
  @ParameterizedTest
  @MethodSource("devices")
  void aResultOutlivesItsTraining(Device device) {
    PendingStep started;
    try (HandMixedClassifier training = training(device, LossScale.fixed(8f), 2);
        Tensor x = x(0);
        Tensor labels = labels()) {
      started = training.start(x, labels);
    }
    assertEquals(1, ((Applied) started.result()).step());
  }

  private static String show(StepResult result) {
    return switch (result) {
      case Applied applied ->
          "applied %s %s %d".formatted(applied.loss(), applied.scale(), applied.step());
      case Skipped skipped ->
          "skipped %s %s %d %s"
              .formatted(
                  skipped.loss(),
                  skipped.scale(),
                  skipped.inARow(),
                  skipped.overflow().parameter());
    };
  }

  private static HandMixedClassifier training(Device device, LossScale scale, int maxSkips) {
    Device.setDefault(device);
    Random random = new Random(3);
    Classifier model =
        new Classifier(new Mlp(new Linear(FEATURES, 8, random), new Linear(8, 3, random), 0.25f));
    return HandMixedClassifier.training(model)
        .optimizer(AdamW.of(0.01f))
        .lossScale(scale)
        .maxSkips(maxSkips)
        .build();
  }

  private static Tensor x(int number) {
    Random random = new Random(number);
    float[] values = new float[6 * FEATURES];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(Shape.of(6, FEATURES), values);
  }

  private static Tensor labels() {
    return Tensor.ofInts(Shape.of(6), new int[] {0, 1, 2, 2, 1, 0});
  }
}
