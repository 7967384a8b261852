package dev.mezzo;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.goldens.GoodSources;
import dev.mezzo.layers.Linear;
import dev.mezzo.optim.Sgd;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the values of a step were like, layer by layer, and underflow as events. */
class StatisticsTest {
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

  @Test
  void everyLayerIsThereWithItsWeights() {
    try (Training training = build(HalfFormat.FP16, 1024, 1)) {
      step(training);
      StepStatistics found = training.statistics().orElseThrow();
      assertEquals(1, found.steps());
      assertEquals(1024, found.scale());
      assertEquals(
          List.of("Classifier", "Linear net.hidden", "Linear net.out", "Mlp net"),
          found.layers().stream().map(LayerStatistics::toString).sorted().toList());
      assertEquals(
          List.of("net.hidden.bias", "net.hidden.weight", "net.out.bias", "net.out.weight"),
          found.weights().stream().map(WeightStatistics::path).sorted().toList());
      assertTrue(found.weights().getFirst().source().startsWith("Linear.java:"));
    }
  }

  @Test
  void layersOfOneListAreOneEach() {
    Random random = new Random(5);
    List<Linear> blocks = List.of(FormCase.linear(random, 4, 4), FormCase.linear(random, 4, 4));
    Map<String, Linear> heads =
        Map.of("a", FormCase.linear(random, 4, 4), "b", FormCase.linear(random, 4, 4));
    Object model = requireNonNull(maker).make("Deep", blocks, heads, "b");
    TrainingBuilder<?> builder =
        (TrainingBuilder<?>)
            requireNonNull(
                FormBench.callStatic(FormBench.formOf(model.getClass()), "training", model));
    try (Training training = (Training) builder.optimizer(Sgd.of(0.01f)).statistics(1).build();
        Tensor x = Tensor.of(Shape.of(3, 4), new float[12])) {
      FormBench.call(training, "step", x, x);
      StepStatistics found = training.statistics().orElseThrow();
      assertEquals(
          List.of("Deep", "Linear blocks.0", "Linear blocks.1", "Linear heads.b"),
          found.layers().stream().map(LayerStatistics::toString).sorted().toList());
      assertEquals(12, layer(found, "blocks.0").activations().total());
      assertEquals(12, layer(found, "blocks.1").activationGradients().total());
    }
  }

  @Test
  void elementsAreThoseOfTheLayersResults() {
    try (Training training = build(HalfFormat.FP16, 1024, 1)) {
      step(training);
      StepStatistics found = training.statistics().orElseThrow();
      LayerStatistics hidden = layer(found, "net.hidden");
      assertEquals(3 * 6, hidden.activations().total());
      assertEquals(0, hidden.activationGradients().total(), "nobody wants the images' gradient");
      assertEquals(3 * 6, layer(found, "net.out").activationGradients().total());
      assertEquals(
          6 * 4,
          weight(found, "net.hidden.weight").gradient().total(),
          "the weights' gradients are not among the activations'");
    }
  }

  /** With a scale so small that FP16 keeps nothing of the gradients, all of them are zero. */
  @Test
  void underflowIsCounted() {
    try (Training training = build(HalfFormat.FP16, 0x1p-30f, 1)) {
      step(training);
      StepStatistics found = training.statistics().orElseThrow();
      Underflow activations =
          Underflow.of(layer(found, "net.out").activationGradients(), HalfFormat.FP16);
      assertEquals(new Underflow(18, 18, 0), activations);
      assertEquals(1, activations.share());
      assertEquals(
          1, Underflow.of(weight(found, "net.out.weight").gradient(), HalfFormat.FP16).share());
    }
    try (Training training = build(HalfFormat.FP16, 1024, 1)) {
      step(training);
      StepStatistics found = training.statistics().orElseThrow();
      assertEquals(
          0, Underflow.of(weight(found, "net.out.bias").gradient(), HalfFormat.FP16).share());
    }
  }

  @Test
  void updatesThatHalfWouldLoseAreCounted() {
    try (Training small = build(HalfFormat.FP16, 1024, 1, 1e-6f);
        Training great = build(HalfFormat.FP16, 1024, 1, 1)) {
      step(small);
      step(great);
      WeightStatistics lost = weight(small.statistics().orElseThrow(), "net.out.weight");
      WeightStatistics kept = weight(great.statistics().orElseThrow(), "net.out.weight");
      assertTrue(lost.vanishingShare() > 0.9, lost.toString());
      assertTrue(kept.vanishingShare() < 0.1, kept.toString());
    }
  }

  @Test
  void aStepThatIsLookedAtComputesTheSame() {
    try (Training looked = build(HalfFormat.FP16, 1024, 1);
        Training other = build(HalfFormat.FP16, 1024, 0)) {
      for (int i = 0; i < 3; i++) {
        assertEquals(step(other), step(looked));
      }
      for (int i = 0; i < other.weights().size(); i++) {
        assertArrayEquals(other.weights().get(i).values(), looked.weights().get(i).values());
      }
      assertTrue(other.statistics().isEmpty());
    }
  }

  @Test
  void onlyEveryNthStepIsLookedAt() {
    try (Training training = build(HalfFormat.FP16, 1024, 2)) {
      step(training);
      assertTrue(training.statistics().isEmpty());
      List<StepStatistics> found = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        step(training);
        found.add(training.statistics().orElseThrow());
      }
      assertSame(found.get(0), found.get(1));
      assertSame(found.get(2), found.get(3));
      assertNotSame(found.get(1), found.get(2));
      StepStatistics both = found.get(1).plus(found.get(2));
      assertEquals(2, both.steps());
      assertEquals(2 * 18, layer(both, "net.hidden").activations().total());
      assertEquals(2 * 24, weight(both, "net.hidden.weight").gradient().total());
    }
    assertThrows(IllegalArgumentException.class, () -> build(HalfFormat.FP16, 1024, -1));
  }

  /** The greatest gradient, once scaled, is as near to 65504 as powers of two come. */
  @Test
  void adviceIsTheStaticScaleOfThe65504Rule() {
    try (Training training = build(HalfFormat.NONE, 1, 1)) {
      step(training);
      StepStatistics found = training.statistics().orElseThrow();
      float scale = PrecisionAdvice.of(found, HalfFormat.FP16).staticScale();
      int greatest = Integer.MIN_VALUE;
      for (LayerStatistics layer : found.layers()) {
        greatest = Math.max(greatest, layer.activationGradients().greatest().orElse(greatest));
      }
      for (WeightStatistics weight : found.weights()) {
        greatest = Math.max(greatest, weight.gradient().greatest().orElse(greatest));
      }
      assertTrue(scale * Math.scalb(2f, greatest) <= 65504, "scale " + scale);
      assertTrue(2 * scale * Math.scalb(2f, greatest) > 65504, "scale " + scale);
      assertEquals(1, PrecisionAdvice.of(found, HalfFormat.BF16).staticScale());
    }
    try (Training scaled = build(HalfFormat.FP16, 1024, 1);
        Training other = build(HalfFormat.NONE, 1, 1)) {
      step(scaled);
      step(other);
      assertEquals(
          PrecisionAdvice.of(other.statistics().orElseThrow(), HalfFormat.FP16).staticScale(),
          PrecisionAdvice.of(scaled.statistics().orElseThrow(), HalfFormat.FP16).staticScale(),
          "the loss scale is divided out");
    }
  }

  @Test
  void adviceNamesLayersThatNeedFullAndUpdatesThatVanish() {
    try (Training training = build(HalfFormat.NONE, 1, 1, 1e-6f)) {
      step(training);
      StepStatistics found = training.statistics().orElseThrow();
      PrecisionAdvice advice = PrecisionAdvice.of(found, HalfFormat.FP16);
      assertTrue(advice.layers().stream().allMatch(layer -> layer.full().isEmpty()));
      assertTrue(advice.weights().getFirst().vanishing() > 0.9);
      assertTrue(advice.toString().contains("Linear net.out"), advice.toString());
    }
    try (Training training = build(HalfFormat.NONE, 1, 1)) {
      step(training, 1e6f);
      PrecisionAdvice advice =
          PrecisionAdvice.of(training.statistics().orElseThrow(), HalfFormat.FP16);
      String full =
          advice.layers().stream()
              .filter(layer -> layer.layer().equals("Linear net.hidden"))
              .findFirst()
              .orElseThrow()
              .full();
      assertTrue(full.endsWith("where FP16 ends at 65504"), full);
    }
  }

  @Test
  void flightRecorderHasAnEventForEachLayerAndWeight() throws Exception {
    List<RecordedEvent> events = new CopyOnWriteArrayList<>(); // the stream's thread adds to it
    CountDownLatch all = new CountDownLatch(6);
    try (RecordingStream stream = new RecordingStream();
        Training training = build(HalfFormat.FP16, 0x1p-30f, 1)) {
      stream.enable("dev.mezzo.Underflow");
      stream.setReuse(false);
      stream.onEvent(
          "dev.mezzo.Underflow",
          event -> {
            events.add(event);
            all.countDown();
          });
      stream.startAsync();
      step(training);
      assertTrue(all.await(30, TimeUnit.SECONDS), () -> "events: " + events);
    }
    RecordedEvent weight = event(events, "net.out.weight");
    assertEquals("weight gradients", weight.getString("values"));
    assertEquals(18, weight.getLong("elements"));
    assertEquals(18, weight.getLong("zeros"));
    assertEquals(1.0, weight.getDouble("share"));
    assertEquals(0x1p-30f, weight.getFloat("scale"));
    assertTrue(weight.getString("source").startsWith("Linear.java:"));
    RecordedEvent layer = event(events, "Linear net.out");
    assertEquals("activation gradients", layer.getString("values"));
    assertEquals("Classifier.java:13 > Mlp.java:12", layer.getString("source"));
  }

  private static RecordedEvent event(List<RecordedEvent> events, String layer) {
    return events.stream()
        .filter(e -> e.getString("layer").equals(layer))
        .findFirst()
        .orElseThrow(() -> new AssertionError(events.toString()));
  }

  private static LayerStatistics layer(StepStatistics found, String path) {
    return found.layers().stream()
        .filter(layer -> layer.path().equals(path))
        .findFirst()
        .orElseThrow(() -> new AssertionError(found.layers().toString()));
  }

  private static WeightStatistics weight(StepStatistics found, String path) {
    return found.weights().stream()
        .filter(weight -> weight.path().equals(path))
        .findFirst()
        .orElseThrow();
  }

  private static StepResult step(Training training) {
    return step(training, 1);
  }

  private static StepResult step(Training training, float bound) {
    Random random = new Random(1);
    float[] values = new float[12];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat(-bound, bound);
    }
    try (Tensor images = Tensor.of(Shape.of(3, 4), values);
        Tensor labels = Tensor.ofInts(Shape.of(3), 0, 2, 1)) {
      return assertInstanceOf(StepResult.class, FormBench.call(training, "step", images, labels));
    }
  }

  private static Training build(HalfFormat half, float scale, int every) {
    return build(half, scale, every, 0.1f);
  }

  @SuppressWarnings("unchecked") // of the generated class, by name
  private static Training build(HalfFormat half, float scale, int every, float rate) {
    FormCase.Maker made = requireNonNull(maker);
    Object model = made.make("Classifier", FormCase.mlp(made, new Random(5)));
    var builder =
        (TrainingBuilder<Training>)
            requireNonNull(
                FormBench.callStatic(FormBench.formOf(model.getClass()), "training", model));
    builder.optimizer(Sgd.of(rate)).half(half).lossScale(LossScale.fixed(scale));
    return (every == 0 ? builder : builder.statistics(every)).build();
  }
}
