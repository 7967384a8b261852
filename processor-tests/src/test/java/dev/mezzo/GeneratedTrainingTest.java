package dev.mezzo;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.goldens.GoodSources;
import dev.mezzo.layers.Embedding;
import dev.mezzo.layers.Linear;
import dev.mezzo.layers.Sequential;
import dev.mezzo.layers.Tanh;
import dev.mezzo.optim.Sgd;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The generated training classes, run on the real runtime. */
class GeneratedTrainingTest {
  private static final Device DEVICE = Device.of(new ScalarBackend());
  private static final Device BEFORE = Device.current();

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

  @ParameterizedTest
  @EnumSource(HalfFormat.class)
  void aClassifierLearns(HalfFormat half) {
    Object model = make("Classifier", FormCase.mlp(maker(), new Random(5)));
    Tensor x = images();
    Tensor labels = Tensor.ofInts(Shape.of(6), 0, 1, 2, 0, 1, 2);
    try (Training training = build(model, half, 0.5f)) {
      float before = evaluate(training, x, labels);
      long open = DEVICE.memory().liveTensors();
      for (int i = 0; i < 40; i++) {
        assertNotNull(call(training, "step", x, labels));
      }
      assertTrue(training.appliedSteps() >= 35, half + ": " + training.appliedSteps());
      assertTrue(evaluate(training, x, labels) < before / 2, half.toString());
      int gradients = training.weights().size(); // kept until the next step
      FormBench.assertNoneLeft(DEVICE, open + gradients);
    }
  }

  @ParameterizedTest
  @EnumSource(HalfFormat.class)
  void indicesGoThroughLayersOfAnyClass(HalfFormat half) {
    Random random = new Random(4);
    Sequential net =
        new Sequential(new Embedding(5, 6, random), new Tanh(), FormCase.linear(random, 6, 3));
    Tensor ids = Tensor.ofInts(Shape.of(6), 0, 1, 2, 3, 4, 0);
    Tensor labels = Tensor.ofInts(Shape.of(6), 0, 1, 2, 0, 1, 0);
    try (Training training = build(make("Words", net), half, 0.5f)) {
      float before = evaluate(training, ids, labels);
      long open = DEVICE.memory().liveTensors();
      for (int i = 0; i < 40; i++) {
        call(training, "step", ids, labels);
      }
      assertTrue(evaluate(training, ids, labels) < before / 4, half.toString());
      FormBench.assertNoneLeft(DEVICE, open + training.weights().size());
    }
  }

  @Test
  void theLossWithoutHalfIsTheEagerLoss() {
    Object model = make("Classifier", FormCase.mlp(maker(), new Random(5)));
    Tensor x = images();
    Tensor labels = Tensor.ofInts(Shape.of(6), 0, 1, 2, 0, 1, 2);
    float eager = ((Tensor) call(model, "loss", x, labels)).item();
    try (Training training = build(model, HalfFormat.NONE, 0.5f)) {
      assertEquals(eager, evaluate(training, x, labels));
      StepResult step = assertInstanceOf(StepResult.class, call(training, "step", x, labels));
      assertEquals(eager, step.loss());
    }
  }

  @Test
  void theDefaultScaleIsTheAnnotations() {
    Object model = make("Classifier", FormCase.mlp(maker(), new Random(5)));
    try (Training training = build(model, HalfFormat.FP16, 0.5f)) {
      assertEquals(LossScale.dynamic(), training.scaling());
    }
    try (Training training = build(regression(), HalfFormat.FP16, 0.1f)) {
      assertEquals(LossScale.fixed(128), training.scaling());
    }
  }

  @ParameterizedTest
  @EnumSource(HalfFormat.class)
  void aLossOfSeveralLinesLearnsAndLeavesNothingOpen(HalfFormat half) {
    Object model = regression();
    Tensor x = Tensor.of(Shape.of(6, 2, 2), images().toFloats());
    Tensor target = Tensor.of(Shape.of(6, 3), values(18));
    try (Training training = build(model, half, 0.02f)) {
      float before = evaluate(training, x, target);
      call(training, "step", x, target);
      long open = DEVICE.memory().liveTensors();
      for (int i = 0; i < 60; i++) {
        call(training, "step", x, target);
      }
      FormBench.assertNoneLeft(DEVICE, open);
      assertTrue(evaluate(training, x, target) < 0.9f * before, half.toString());
    }
  }

  @Test
  void stepsAreReproducible() {
    float[] first = trained();
    assertArrayEquals(first, trained());
  }

  @ParameterizedTest
  @EnumSource(HalfFormat.class)
  void microBatchesAreOneBatch(HalfFormat half) {
    float[] x = images().toFloats();
    int[] labels = {0, 1, 2, 0, 1, 2};
    List<float[]> weights = new ArrayList<>();
    List<Float> losses = new ArrayList<>();
    for (int batches : new int[] {1, 2, 3}) {
      Object model = make("Classifier", FormCase.mlp(maker(), new Random(5)));
      try (Training training = build(model, half, 0.5f)) {
        long open = 0;
        for (int step = 0; step < 4; step++) {
          int rows = 6 / batches;
          for (int i = 0; i < batches; i++) {
            Tensor part =
                Tensor.of(
                    Shape.of(rows, 4), Arrays.copyOfRange(x, 4 * rows * i, 4 * rows * (i + 1)));
            Tensor named =
                Tensor.ofInts(Shape.of(rows), Arrays.copyOfRange(labels, rows * i, rows * (i + 1)));
            try (part;
                named) {
              if (i < batches - 1) {
                FormBench.call(training, "accumulate", part, named);
                assertEquals(step, training.appliedSteps());
              } else {
                losses.add(((StepResult) call(training, "step", part, named)).loss());
              }
            }
          }
          open = step == 0 ? DEVICE.memory().liveTensors() : open;
        }
        FormBench.assertNoneLeft(DEVICE, open);
        assertEquals(4, training.appliedSteps());
        weights.add(training.weights().getFirst().values());
      }
    }
    // in 16 bits each of four steps rounds a gradient once more for each micro-batch
    float tolerance = half == HalfFormat.NONE ? 1e-6f : half == HalfFormat.FP16 ? 2e-3f : 2e-2f;
    for (int i = 1; i < weights.size(); i++) {
      assertArrayEquals(weights.getFirst(), weights.get(i), tolerance);
      for (int step = 0; step < 4; step++) {
        assertEquals(losses.get(step), losses.get(4 * i + step), tolerance);
      }
    }
  }

  /** What a step holds is known beforehand, to the byte. */
  @ParameterizedTest
  @EnumSource(HalfFormat.class)
  void whatAStepHoldsIsKnown(HalfFormat half) {
    Memory counted = DEVICE.memory();
    long others = counted.liveBytes();
    PeakMemory measured;
    try (Training training = classifier(half)) {
      classify(training, 6);
      counted.resetPeaks();
      long held = counted.liveBytes();
      classify(training, 6);
      measured =
          new PeakMemory(held - others, counted.peakBytes() - others, counted.peakSavedBytes());
    }
    assertEquals(measured, computed(half, 6));
    String formula = PeakMemory.formula("batch", 6, batch -> computed(half, batch));
    String[] terms = formula.replaceAll("[,batch\u00b7]", "").split(" \\+ ", -1);
    assertEquals(
        Long.parseLong(terms[0]) + 50 * Long.parseLong(terms[1]), computed(half, 50).peak());
    assertSame(DEVICE, Device.current());
  }

  private static PeakMemory computed(HalfFormat half, int batch) {
    return PeakMemory.of(() -> classifier(half), training -> classify(training, batch));
  }

  private static Training classifier(HalfFormat half) {
    return build(make("Classifier", FormCase.mlp(maker(), new Random(5))), half, 0.5f);
  }

  private static void classify(Training training, int batch) {
    try (Tensor x = Tensor.zeros(Shape.of(batch, 4), DType.FP32);
        Tensor labels = Tensor.zeros(Shape.of(batch), DType.INT32)) {
      call(training, "step", x, labels);
    }
  }

  /** An overflow in the first of them is there when the last one ends. */
  @Test
  void anOverflowInAMicroBatchSkipsTheStep() {
    Object model = regression();
    Tensor x = Tensor.of(Shape.of(6, 2, 2), images().toFloats());
    Tensor target = Tensor.of(Shape.of(6, 3), values(18));
    float[] far = values(18);
    Arrays.fill(far, Float.POSITIVE_INFINITY);
    try (Training training = build(model, HalfFormat.FP16, 0.02f)) {
      float[] before = training.weights().getLast().values();
      FormBench.call(training, "accumulate", x, Tensor.of(Shape.of(6, 3), far));
      assertInstanceOf(Skipped.class, call(training, "step", x, target));
      assertArrayEquals(before, training.weights().getLast().values());
      assertInstanceOf(Applied.class, call(training, "step", x, target));
      assertFalse(Arrays.equals(before, training.weights().getLast().values()));
    }
  }

  private static float[] trained() {
    Object model = regression();
    Tensor x = Tensor.of(Shape.of(6, 2, 2), images().toFloats());
    Tensor target = Tensor.of(Shape.of(6, 3), values(18));
    try (Training training = build(model, HalfFormat.FP16, 0.02f)) {
      for (int i = 0; i < 5; i++) {
        call(training, "step", x, target);
      }
      return training.weights().getLast().values();
    }
  }

  private static Object regression() {
    Random random = new Random(6);
    Linear inner = FormCase.linear(random, 4, 4);
    Parameter offset = FormCase.parameter(random, 3);
    Object side = make("Residual", inner);
    return make("Regression", FormCase.mlp(maker(), random), side, offset, 0.1f);
  }

  private static Tensor images() {
    return Tensor.of(Shape.of(6, 4), values(24));
  }

  private static float[] values(int size) {
    Random random = new Random(size);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextFloat(-1, 1);
    }
    return values;
  }

  private static Training build(Object model, HalfFormat half, float rate) {
    Class<?> form = FormBench.formOf(model.getClass());
    TrainingBuilder<?> builder =
        (TrainingBuilder<?>) requireNonNull(FormBench.callStatic(form, "training", model));
    return (Training) builder.half(half).optimizer(Sgd.of(rate)).seed(3).build();
  }

  private static float evaluate(Training training, Tensor x, Tensor y) {
    return (float) call(training, "evaluate", x, y);
  }

  private static Object call(Object target, String method, Object... arguments) {
    Object result = FormBench.call(target, method, arguments);
    assertNotNull(result);
    return result;
  }

  private static FormCase.Maker maker() {
    return requireNonNull(maker);
  }

  private static Object make(String name, Object... arguments) {
    return maker().make(name, arguments);
  }
}
