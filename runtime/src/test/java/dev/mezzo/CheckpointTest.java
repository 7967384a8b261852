package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.io.SafetensorsFile;
import dev.mezzo.models.MixedSmallNorms;
import dev.mezzo.models.SmallNorms;
import dev.mezzo.optim.AdamW;
import dev.mezzo.optim.Optimizer;
import dev.mezzo.optim.Schedule;
import dev.mezzo.optim.Sgd;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.Shape;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A training that is saved and goes on in another process, as it were. */
class CheckpointTest {

  private static final int STEPS = 14;

  /** Overflows at first, and grows in between, twice within a few steps. */
  private static final LossScale LIVELY =
      new LossScale(16777216f, 2f, 0.25f, 3, 1f, 16777216f, 2, 0, 0);

  private static final Optimizer ADAMW =
      AdamW.of(Schedule.warmUp(4, Schedule.cosine(0.05f, 0.001f, 10)));

  @TempDir Path folder;

  private final Device before = Device.current();

  @AfterEach
  void useDefault() {
    Device.setDefault(before);
  }

  static Stream<Arguments> ways() {
    Optimizer momentum =
        Sgd.of(Schedule.step(0.1f, 0.5f, 3)).withMomentum(0.9f).withNesterov().withWeightDecay(.1f);
    return TestDevices.all()
        .flatMap(
            device ->
                Stream.of(
                    Arguments.of(device, HalfFormat.FP16, true, ADAMW),
                    Arguments.of(device, HalfFormat.FP16, true, momentum),
                    Arguments.of(device, HalfFormat.FP16, false, ADAMW),
                    Arguments.of(device, HalfFormat.BF16, true, ADAMW),
                    Arguments.of(device, HalfFormat.NONE, true, Sgd.of(0.1f))));
  }

  /** Saved after each step in turn: losses, scales, skips, weights and states are the same bits. */
  @ParameterizedTest
  @MethodSource("ways")
  void aTrainingThatIsResumedIsTheSame(
      Device device, HalfFormat half, boolean masters, Optimizer optimizer) {
    Device.setDefault(device);
    List<StepResult> expected = new ArrayList<>();
    List<float[]> weights;
    try (MixedSmallNorms whole = open(1, 5, half, masters, optimizer)) {
      for (int i = 0; i < STEPS; i++) {
        expected.add(step(whole, i));
      }
      whole.save(folder.resolve("expected"));
      weights = contents(folder.resolve("expected"));
    }
    assertTrue(
        half != HalfFormat.FP16 || expected.stream().anyMatch(r -> r instanceof Skipped), "skips");
    Path file = folder.resolve("checkpoint");
    try (MixedSmallNorms first = open(1, 5, half, masters, optimizer)) {
      first.save(file);
    }
    for (int i = 0; i < STEPS; i++) {
      try (MixedSmallNorms next = open(100 + i, 99, half, masters, optimizer)) {
        next.load(file);
        assertEquals(bits(expected.get(i)), bits(step(next, i)), "step " + i);
        next.save(file);
      }
    }
    List<float[]> found = contents(file);
    for (int i = 0; i < weights.size(); i++) {
      assertArrayEquals(weights.get(i), found.get(i));
    }
  }

  /** Micro-batches are part of a step, dropout's draws in each of them, too. */
  @Test
  void microBatchesGoOnTheSame() {
    Path file = folder.resolve("checkpoint");
    List<String> expected = new ArrayList<>();
    try (MixedSmallNorms training = open(1, 5, HalfFormat.FP16, true, ADAMW)) {
      for (int i = 0; i < 6; i++) {
        if (i == 3) {
          training.save(file);
        }
        accumulate(training, i + 50);
        expected.add(bits(step(training, i)));
      }
    }
    try (MixedSmallNorms training = open(2, 6, HalfFormat.FP16, true, ADAMW)) {
      accumulate(training, 1); // is dropped
      training.load(file);
      for (int i = 3; i < 6; i++) {
        accumulate(training, i + 50);
        assertEquals(expected.get(i), bits(step(training, i)));
      }
      accumulate(training, 1);
      IllegalStateException waiting =
          assertThrows(IllegalStateException.class, () -> training.save(file));
      assertEquals(
          "1 micro-batches wait for a step, and are not saved; save after the step",
          waiting.getMessage());
      training.saveWeights(file);
    }
  }

  @Test
  void stepsThatWereStartedAreSaved() {
    Path file = folder.resolve("checkpoint");
    try (MixedSmallNorms training = open(1, 5, HalfFormat.FP16, true, ADAMW)) {
      for (int i = 0; i < 4; i++) {
        start(training, i);
      }
      training.save(file);
      String next = bits(step(training, 4));
      start(training, 5);
      training.load(file);
      assertEquals(4, training.appliedSteps() + training.skippedSteps());
      assertEquals(next, bits(step(training, 4)));
    }
  }

  /** Learning rates are laid out ahead of the steps: far ones must not be taken for early ones. */
  @Test
  void aTrainingGoesBack() {
    Path file = folder.resolve("checkpoint");
    Optimizer schedule = Sgd.of(Schedule.cosine(0.1f, 0f, 300));
    try (MixedSmallNorms training = open(1, 5, HalfFormat.NONE, true, schedule)) {
      step(training, 0);
      training.save(file);
      String second = bits(step(training, 1));
      String third = bits(step(training, 2));
      for (int i = 3; i < 280; i++) {
        step(training, i);
      }
      training.load(file);
      assertEquals(second, bits(step(training, 1)));
      assertEquals(third, bits(step(training, 2)));
    }
  }

  @Test
  void theFileIsOfTheModelsOwnNames() {
    Path file = folder.resolve("checkpoint");
    try (MixedSmallNorms training = open(1, 5, HalfFormat.FP16, true, ADAMW)) {
      step(training, 0);
      training.save(file);
      training.saveWeights(folder.resolve("weights"));
    }
    List<String> weights =
        List.of(
            "weight",
            "bias",
            "net.layers.0.weight", // and again.weight
            "net.layers.0.bias",
            "net.layers.1.weight",
            "net.layers.1.bias",
            "out.weight",
            "out.bias");
    List<String> states =
        List.of("running.0", "running.1", "net.layers.1.mean", "net.layers.1.variance");
    List<String> model = new ArrayList<>(weights);
    model.addAll(states);
    List<String> all = new ArrayList<>(model);
    for (String weight : weights) {
      all.add("optimizer/mean/" + weight);
      all.add("optimizer/variance/" + weight);
    }
    try (SafetensorsFile saved = SafetensorsFile.open(file);
        SafetensorsFile alone = SafetensorsFile.open(folder.resolve("weights"))) {
      assertEquals(all, List.copyOf(saved.tensors().keySet()));
      assertEquals(model, List.copyOf(alone.tensors().keySet()));
      Map<String, String> metadata = new HashMap<>(saved.metadata());
      assertEquals("AdamW", metadata.get("mezzo.optimizer"));
      assertEquals("5", metadata.get("mezzo.seed"));
      assertEquals("1", metadata.get("mezzo.skippedInARow"));
      assertEquals("1.6777216E7", metadata.get("mezzo.lossScale.scale"));
      assertEquals("1", metadata.get("mezzo.lossScale.overflows"));
    }
  }

  /** From FP16 to FP32: the loss is not scaled there. And back, where the scale begins anew. */
  @Test
  void anotherFormatGoesOnFromTheWeights() {
    Path file = folder.resolve("checkpoint");
    try (MixedSmallNorms half = open(1, 5, HalfFormat.FP16, true, ADAMW)) {
      for (int i = 0; i < 6; i++) {
        step(half, i);
      }
      half.save(file);
      long applied = half.appliedSteps();
      SmallNorms model = SmallNorms.create(new Random(9));
      try (MixedSmallNorms full =
          MixedSmallNorms.training(model).optimizer(ADAMW).half(HalfFormat.NONE).build()) {
        full.load(file);
        assertEquals(LossScale.none(), full.scaling());
        assertEquals(applied, full.appliedSteps());
        assertEquals(1f, step(full, 6).scale());
        full.save(file);
      }
      half.load(file);
      assertEquals(LIVELY, half.scaling());
      step(half, 7);
    }
  }

  private static List<float[]> contents(Path file) {
    List<float[]> contents = new ArrayList<>();
    try (SafetensorsFile saved = SafetensorsFile.open(file);
        Arena arena = Arena.ofConfined()) {
      saved
          .tensors()
          .values()
          .forEach(
              tensor -> contents.add(saved.read(tensor, arena).toArray(ValueLayout.JAVA_FLOAT)));
    }
    return contents;
  }

  static MixedSmallNorms open(
      long weights, long seed, HalfFormat half, boolean masters, Optimizer optimizer) {
    TrainingBuilder<MixedSmallNorms> builder =
        MixedSmallNorms.training(SmallNorms.create(new Random(weights)))
            .optimizer(optimizer)
            .half(half)
            .masterWeights(masters)
            .seed(seed);
    if (half != HalfFormat.NONE) {
      builder.lossScale(LIVELY);
    }
    return builder.build();
  }

  static StepResult step(MixedSmallNorms training, int number) {
    try (Tensor images = images(number);
        Tensor labels = labels(number)) {
      return training.step(images, labels);
    }
  }

  private static void accumulate(MixedSmallNorms training, int number) {
    try (Tensor images = images(number);
        Tensor labels = labels(number)) {
      training.accumulate(images, labels);
    }
  }

  private static void start(MixedSmallNorms training, int number) {
    try (Tensor images = images(number);
        Tensor labels = labels(number)) {
      training.start(images, labels);
    }
  }

  private static Tensor images(int number) {
    Random random = new Random(number);
    float[] values = new float[10 * 6];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.of(Shape.of(10, 6), values);
  }

  private static Tensor labels(int number) {
    return Tensor.ofInts(Shape.of(10), new Random(~number).ints(10, 0, 3).toArray());
  }

  private static String bits(StepResult result) {
    return Integer.toHexString(Float.floatToRawIntBits(result.loss())) + " " + result;
  }
}
