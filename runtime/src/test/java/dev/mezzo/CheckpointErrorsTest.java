package dev.mezzo;

import static dev.mezzo.CheckpointTest.open;
import static dev.mezzo.CheckpointTest.step;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.io.CheckpointException;
import dev.mezzo.io.SafetensorsFile;
import dev.mezzo.io.SafetensorsWriter;
import dev.mezzo.models.MixedSmallMlp;
import dev.mezzo.models.MixedSmallNorms;
import dev.mezzo.models.SmallMlp;
import dev.mezzo.optim.AdamW;
import dev.mezzo.optim.Optimizer;
import dev.mezzo.optim.Sgd;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What does not fit says so, and changes nothing; what may differ is taken. */
class CheckpointErrorsTest {

  private static final Optimizer ADAMW = AdamW.of(0.01f);

  @TempDir Path folder;

  private final Device before = Device.current();

  @BeforeEach
  void onPlainLoops() {
    Device.setDefault(TestDevices.scalar());
  }

  @AfterEach
  void useDefault() {
    Device.setDefault(before);
  }

  @Test
  void anotherModel() {
    Path file = folder.resolve("mlp");
    SmallMlp model = SmallMlp.create(new Random(1));
    try (var training = MixedSmallMlp.training(model).optimizer(ADAMW).build()) {
      training.save(file);
    }
    assertEquals(
        file
            + ": is of another model than MixedSmallNorms: it lacks weight, bias, net.layers.0.weight,"
            + " net.layers.0.bias, net.layers.1.weight and 5 more; it has unknown hidden.weight,"
            + " hidden.bias; it does not fit in out.weight, which is F32 (5, 24) and must be F32 (3, 6),"
            + " out.bias, which is F32 (5) and must be F32 (3); build the training as it was when it was"
            + " saved, or take what fits with loadMatchingWeights",
        refused(training -> training.load(file)));
  }

  @Test
  void anotherOptimizer() {
    Path file = saved(Sgd.of(0.1f));
    assertEquals(
        file
            + ": was saved with Sgd, but the training has AdamW; use the same, or begin anew with"
            + " loadWeights",
        refused(training -> training.load(file)));
    Path plain = saved(Sgd.of(0.1f));
    try (MixedSmallNorms training =
        open(2, 0, HalfFormat.FP16, true, Sgd.of(0.1f).withMomentum(0.9f))) {
      assertTrue(
          String.valueOf(
                  assertThrows(CheckpointException.class, () -> training.load(plain)).getMessage())
              .contains("it lacks optimizer/velocity/weight, "));
    }
  }

  @Test
  void weightsAlone() {
    Path file = folder.resolve("weights");
    try (MixedSmallNorms training = open(1, 0, HalfFormat.FP16, true, ADAMW)) {
      training.saveWeights(file);
    }
    assertEquals(
        file + ": holds weights, but no training that could go on; use loadWeights",
        refused(training -> training.load(file)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          format              | 2   | has format 2 of Mezzo, but this version reads 1
          appliedSteps        | -1  | counts steps that cannot be
          appliedSteps        | 1e3 | 'mezzo.appliedSteps' is 1e3, but must be a number
          seed                |     | 'mezzo.seed' is null, but must be a number
          lossScale.scale     | NaN | scale must be positive and finite, but is NaN
          lossScale.scale     | 0.5 | floor must be positive and at most the scale, but is 1.0
          lossScale.goodSteps | -1  | counts below 0
          """)
  void countsThatCannotBe(String key, String value, String expected) {
    Path file = changed("mezzo." + key, value);
    String found = refused(training -> training.load(file));
    assertTrue(found.startsWith(file + ": ") && found.contains(expected), found);
  }

  @Test
  void aFileCutAnywhere() throws IOException {
    byte[] whole = Files.readAllBytes(saved(ADAMW));
    Path file = folder.resolve("cut");
    for (int length = 0; length < whole.length; length += 97) {
      Files.write(file, Arrays.copyOf(whole, length));
      String found = refused(training -> training.load(file));
      assertTrue(found.startsWith(file + ": is no"), found);
    }
    Path missing = folder.resolve("missing");
    try (MixedSmallNorms training = open(1, 0, HalfFormat.FP16, true, ADAMW)) {
      assertThrows(UncheckedIOException.class, () -> training.load(missing));
      assertThrows(UncheckedIOException.class, () -> training.save(folder));
      step(training, 0);
    }
  }

  @Test
  void afterClose() {
    MixedSmallNorms training = open(1, 0, HalfFormat.FP16, true, ADAMW);
    training.close();
    for (Executable use :
        List.<Executable>of(
            () -> training.save(folder.resolve("file")),
            () -> training.load(folder.resolve("file")))) {
      assertEquals(
          "the training is closed", assertThrows(IllegalStateException.class, use).getMessage());
    }
  }

  /** As PyTorch's users have them: no word of a training, in 16 bits, one of them not a number. */
  @Test
  void weightsOfOthersAreWidened() {
    Path file = folder.resolve("theirs");
    SafetensorsWriter theirs = new SafetensorsWriter().metadata("format", "pt");
    try (MixedSmallNorms training = open(1, 0, HalfFormat.FP16, true, ADAMW)) {
      training.saveWeights(folder.resolve("ours"));
    }
    try (SafetensorsFile ours = SafetensorsFile.open(folder.resolve("ours"))) {
      ours.tensors()
          .forEach(
              (name, tensor) ->
                  theirs.add(
                      name,
                      name.equals("bias") ? DType.BF16 : DType.FP16,
                      tensor.shape(),
                      host ->
                          host.copyFrom(
                              MemorySegment.ofArray(half(name, (int) tensor.shape().size())))));
    }
    theirs.write(file);
    for (boolean masters : new boolean[] {true, false}) {
      MixedSmallNorms training = open(1, 0, HalfFormat.FP16, masters, ADAMW);
      training.loadWeights(file);
      try (training) {
        for (WeightView weight : training.weights()) {
          float expected = weight.path().equals("bias") ? 1f : 1.5f;
          expected = weight.path().equals("out.bias") ? Float.NaN : expected;
          assertEquals(expected, weight.values()[0]);
          assertEquals(expected, weight.halfValues()[0]); // the shadow is made anew
        }
        assertEquals(0, training.appliedSteps());
      }
    }
  }

  @Test
  void integersAreNoWeights() {
    Path file = folder.resolve("ints");
    new SafetensorsWriter()
        .add("out.bias", DType.INT32, Shape.of(3), host -> host.fill((byte) 0))
        .write(file);
    assertTrue(
        refused(training -> training.loadWeights(file))
            .contains("it does not fit in out.bias, which is I32 (3) and must be F32 (3);"));
  }

  @Test
  void whatFitsIsTaken() {
    Path file = folder.resolve("part");
    new SafetensorsWriter()
        .add("out.bias", DType.FP32, Shape.of(3), host -> host.fill((byte) 0))
        .add("out.weight", DType.FP32, Shape.of(4, 6), host -> host.fill((byte) 0))
        .add("weight", DType.INT32, Shape.of(6), host -> host.fill((byte) 0))
        .add("head.weight", DType.FP32, Shape.of(6), host -> host.fill((byte) 0))
        .write(file);
    try (MixedSmallNorms training = open(1, 0, HalfFormat.FP16, true, ADAMW)) {
      Set<String> others = training.loadMatchingWeights(file);
      assertEquals(11, others.size());
      assertTrue(others.contains("out.weight") && others.contains("weight"), others.toString());
      for (WeightView weight : training.weights()) {
        if (weight.path().equals("out.bias")) {
          assertArrayEquals(new float[3], weight.values());
        }
      }
    }
  }

  private Path saved(Optimizer optimizer) {
    Path file = folder.resolve("saved");
    try (MixedSmallNorms training = open(1, 0, HalfFormat.FP16, true, optimizer)) {
      step(training, 0);
      training.save(file);
    }
    return file;
  }

  /** A checkpoint of which one entry of the metadata is another, or missing where that is null. */
  private Path changed(String key, @Nullable String value) {
    Path file = folder.resolve("changed");
    SafetensorsWriter writer = new SafetensorsWriter();
    try (SafetensorsFile from = SafetensorsFile.open(saved(ADAMW));
        Arena arena = Arena.ofConfined()) {
      Map<String, String> metadata = new HashMap<>(from.metadata());
      metadata.remove(key);
      metadata.forEach(writer::metadata);
      if (value != null) {
        writer.metadata(key, value);
      }
      from.tensors()
          .forEach(
              (name, tensor) ->
                  writer.add(
                      name,
                      DType.FP32,
                      tensor.shape(),
                      host -> host.copyFrom(from.read(tensor, arena))));
      writer.write(file);
    }
    return file;
  }

  /** Loading fails with the message that is returned, and all is as it was. */
  private String refused(Consumer<MixedSmallNorms> load) {
    try (MixedSmallNorms training = open(2, 3, HalfFormat.FP16, true, ADAMW)) {
      step(training, 1);
      Path before = folder.resolve("before");
      Path after = folder.resolve("after");
      training.save(before);
      String message =
          String.valueOf(
              assertThrows(CheckpointException.class, () -> load.accept(training)).getMessage());
      training.save(after);
      assertArrayEquals(bytes(before), bytes(after));
      step(training, 2);
      return message;
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** 1.5 in FP16, which is 1 in BF16 but for its last bits; a NaN in out.bias. */
  private static short[] half(String name, int size) {
    short[] bits = new short[size];
    short value =
        name.equals("bias")
            ? (short) 0x3f80
            : Float.floatToFloat16(name.equals("out.bias") ? Float.NaN : 1.5f);
    Arrays.fill(bits, value);
    return bits;
  }
}
