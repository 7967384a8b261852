package dev.mezzo;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.goldens.GoodSources;
import dev.mezzo.layers.Linear;
import dev.mezzo.optim.Sgd;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A skipped step names the operation, in the model's own lines, that its first NaN or ±Inf came
 * from.
 */
class OverflowOriginTest {
  private static final Device DEVICE = Device.of(new ScalarBackend());
  private static final Device BEFORE = Device.current();
  private static final String LOSS = "Classifier.java:13";

  @TempDir static Path directory;

  private static FormCase.@Nullable Maker maker;

  @BeforeAll
  static void compile() {
    maker = new FormCase.Maker(GoodSources.compile(directory).classes());
    Device.setDefault(DEVICE);
  }

  @AfterAll
  static void restore() {
    Device.setDefault(BEFORE);
  }

  @Test
  void forwardThatLeavesTheRangeOfHalf() {
    try (Training training = build(LossScale.fixed(1), true)) {
      Origin origin = requireNonNull(skipped(training, 60000f).overflow().origin());
      assertEquals("linear", origin.operation());
      assertEquals(List.of(LOSS, "Mlp.java:12"), origin.lines().subList(0, 2));
      assertEquals("Linear.java", origin.lines().getLast().replaceFirst(":.*", ""));
      assertEquals(false, origin.backward());
      assertEquals(false, origin.given());
    }
  }

  @Test
  void theOperationOfAnExpressionIsNamed() {
    assertEquals(
        new Origin("multiply (in h * 30000 * h)", List.of("Exploding.java:19"), false, false),
        ofExpression("Exploding"));
  }

  @Test
  void theOperationWithinAnExpressionIsNamed() {
    assertEquals(
        new Origin("exp (in exp(h * 0.5) * 0.001)", List.of("Peaking.java:19"), false, false),
        ofExpression("Peaking"));
  }

  private static @Nullable Origin ofExpression(String name) {
    Linear in = FormCase.linear(new Random(5), 4, 6);
    in.weight().fill(20f);
    Object model = maker().make(name, in);
    Class<?> form = FormBench.formOf(model.getClass());
    TrainingBuilder<?> builder =
        (TrainingBuilder<?>) requireNonNull(FormBench.callStatic(form, "training", model));
    try (Training training =
            (Training) builder.optimizer(Sgd.of(0.01f)).lossScale(LossScale.fixed(1)).build();
        Tensor x = Tensor.of(Shape.of(1, 4), 10f, 10f, 10f, 10f)) {
      return assertInstanceOf(Skipped.class, FormBench.call(training, "step", x))
          .overflow()
          .origin();
    }
  }

  @Test
  void lossScaleThatIsTooGreat() {
    try (Training training = build(LossScale.fixed(0x1p24f), true)) {
      Overflow overflow = skipped(training, 1f).overflow();
      Origin expected = new Origin("crossEntropyGradient", List.of(LOSS), true, false);
      assertEquals(expected, overflow.origin());
      String text = overflow.toString();
      assertEquals(
          "first not finite: crossEntropyGradient in backward at " + LOSS,
          text.substring(text.indexOf("; ") + 2));
    }
  }

  @Test
  void inputThatWasNotFinite() {
    try (Training training = build(LossScale.fixed(1), true)) {
      Origin expected = new Origin("cast", List.of(LOSS), false, true);
      assertEquals(expected, skipped(training, Float.NaN).overflow().origin());
    }
  }

  @Test
  void microBatchBeforeTheStep() {
    try (Training training = build(LossScale.fixed(1), true)) {
      long open = DEVICE.memory().liveTensors();
      for (float value : new float[] {1, 60000f, 1}) {
        accumulate(training, value);
      }
      Origin origin = requireNonNull(skipped(training, 1f).overflow().origin());
      assertEquals("linear", origin.operation());
      assertEquals(2, origin.microBatch());
      assertInstanceOf(Applied.class, step(training, 1f));
      assertEquals(
          "linear", requireNonNull(skipped(training, 60000f).overflow().origin()).operation());
      FormBench.assertNoneLeft(DEVICE, open + training.weights().size());
    }
  }

  private static void accumulate(Training training, float value) {
    pass(training, "accumulate", value);
  }

  @Test
  void isNotLookedForWhereItIsTurnedOff() {
    try (Training training = build(LossScale.fixed(1), false)) {
      Overflow overflow = skipped(training, Float.NaN).overflow();
      assertNull(overflow.origin());
      assertEquals("traceOverflows is off", overflow.unknown());
    }
  }

  @Test
  void stepThatIsNotWaitedFor() {
    try (Training training = build(LossScale.fixed(1), true)) {
      long open = DEVICE.memory().liveTensors();
      accumulate(training, 60000f);
      PendingStep started = start(training, 1f);
      Origin origin = requireNonNull(skipped(started.result()).overflow().origin());
      assertEquals("linear", origin.operation());
      assertEquals(1, origin.microBatch());
      FormBench.assertNoneLeft(DEVICE, open + training.weights().size());
    }
  }

  @Test
  void stepAfterWhichAnotherBeganSaysThatItWasReadTooLate() {
    try (Training training = build(LossScale.fixed(1), true)) {
      long open = DEVICE.memory().liveTensors();
      PendingStep first = start(training, 60000f);
      PendingStep second = start(training, 60000f);
      Overflow overflow = skipped(first.result()).overflow();
      assertNull(overflow.origin());
      assertEquals(
          "; origin unknown: another step had begun before the result was read; step(…) looks at once",
          overflow.toString().substring(overflow.toString().indexOf(";")));
      assertEquals(
          "linear", requireNonNull(skipped(second.result()).overflow().origin()).operation());
      FormBench.assertNoneLeft(DEVICE, open + training.weights().size());
    }
  }

  @Test
  void lookingLeavesNoTrace() {
    float[][] weights = new float[2][];
    for (boolean traces : new boolean[] {false, true}) {
      try (Training training = build(LossScale.dynamic().with(0x1p24f, 0, 0), traces)) {
        step(training, 1f);
        long open = DEVICE.memory().liveTensors();
        for (int i = 0; i < 20; i++) {
          step(training, 1f);
        }
        FormBench.assertNoneLeft(DEVICE, open);
        assertNotNull(training.weights().getFirst().gradient());
        weights[traces ? 1 : 0] = training.weights().getFirst().values();
      }
    }
    assertArrayEquals(weights[0], weights[1]);
  }

  private static Training build(LossScale scale, boolean traces) {
    Random random = new Random(5);
    Linear hidden = FormCase.linear(random, 4, 6);
    hidden.weight().fill(0.5f);
    Object mlp = maker().make("Mlp", hidden, FormCase.linear(random, 6, 3));
    Object model = maker().make("Classifier", mlp);
    Class<?> form = FormBench.formOf(model.getClass());
    TrainingBuilder<?> builder =
        (TrainingBuilder<?>) requireNonNull(FormBench.callStatic(form, "training", model));
    return (Training)
        builder.optimizer(Sgd.of(0.01f)).lossScale(scale).traceOverflows(traces).build();
  }

  private static Skipped skipped(Training training, float value) {
    return skipped(step(training, value));
  }

  private static Skipped skipped(StepResult result) {
    return assertInstanceOf(Skipped.class, result);
  }

  private static StepResult step(Training training, float value) {
    return (StepResult) requireNonNull(pass(training, "step", value));
  }

  private static PendingStep start(Training training, float value) {
    return (PendingStep) requireNonNull(pass(training, "start", value));
  }

  private static @Nullable Object pass(Training training, String method, float value) {
    float[] values = new float[24];
    Arrays.fill(values, value);
    try (Tensor x = Tensor.of(Shape.of(6, 4), values);
        Tensor labels = Tensor.ofInts(Shape.of(6), 0, 1, 2, 0, 1, 2)) {
      return FormBench.call(training, method, x, labels);
    }
  }

  private static FormCase.Maker maker() {
    return requireNonNull(maker);
  }
}
