package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.Operand;
import dev.mezzo.models.MixedSmallMlp;
import dev.mezzo.models.SmallMlp;
import dev.mezzo.optim.Sgd;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One training trains what another reads, frozen; and what frozen weights cost. */
class SharedWeightsTest {

  @TempDir Path folder;

  private final Device device = TestDevices.scalar();
  private final Parameter shared = GivenGradients.parameter(device, 1f, 2f);
  private final Parameter own = GivenGradients.parameter(device, 8f);

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theReaderSeesWhatTheTrainerMakes(boolean readerFirst) {
    GivenGradients early = readerFirst ? reader() : null;
    try (GivenGradients trainer = trainer(Weight.Kind.MASTER);
        GivenGradients reader = early == null ? reader() : early) {
      trainer.step(new float[] {4f, 8f});
      assertArrayEquals(new float[] {0f, 0f}, shared.toFloats());
      assertArrayEquals(new float[] {0f, 0f}, reader.weight(0).half().toFloats());
      reader.step(new float[] {4f, 4f}, new float[] {4f});
      assertArrayEquals(new float[] {0f, 0f}, trainer.weight(0).half().toFloats());
      assertArrayEquals(new float[] {7f}, own.toFloats());
      trainer.step(new float[] {-4f, 0f});
      assertArrayEquals(new float[] {1f, 0f}, reader.weight(0).half().toFloats());
    }
    shared.fill(1f); // belongs to no training
  }

  /** A file that either takes is read by both. */
  @Test
  void theTrainerSeesWhatTheReaderLoads() {
    Path file = folder.resolve("weights.safetensors");
    try (GivenGradients reader = reader()) {
      reader.saveWeights(file);
      try (GivenGradients trainer = trainer(Weight.Kind.MASTER)) {
        trainer.step(new float[] {4f, 8f});
        reader.loadWeights(file);
        assertArrayEquals(new float[] {1f, 2f}, trainer.weight(0).half().toFloats());
        assertArrayEquals(new float[] {1f, 2f}, reader.weight(0).half().toFloats());
      }
    }
  }

  @Test
  void whatCannotBeShared() {
    try (GivenGradients trainer = trainer(Weight.Kind.MASTER)) {
      refused("freeze the parameter in one of two trainings", () -> trainer(Weight.Kind.MASTER));
      trainer.step(new float[] {4f, 8f});
    }
    try (GivenGradients reader = reader()) {
      refused("p0 is frozen in an open training", () -> shared.fill(1f));
      refused("which reads its FP32 values", () -> trainer(Weight.Kind.HALF_ONLY));
      assertArrayEquals(new float[] {0f, 0f}, reader.weight(0).half().toFloats());
    }
    try (GivenGradients trainer = trainer(Weight.Kind.HALF_ONLY)) {
      refused("without an FP32 master copy", this::reader);
      trainer.step(new float[] {4f, 8f});
    }
    assertArrayEquals(new float[] {-1f, -2f}, shared.toFloats());
  }

  /**
   * Neither the product that is the gradient of a frozen weight, nor the sum that is its bias's.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void gradientsOfFrozenWeightsAreNotComputed(boolean frozen) {
    Device before = Device.current();
    Device.setDefault(device);
    try (Tensor images = Tensor.allocate(Shape.of(3, 19), DType.FP32).fill(1f);
        Tensor labels = Tensor.ofInts(Shape.of(3), 0, 1, 2);
        var training =
            MixedSmallMlp.training(SmallMlp.create(new Random(1)))
                .optimizer(Sgd.of(0.1f))
                .frozen(weight -> frozen && weight.path().startsWith("hidden."))
                .build()) {
      training.step(images, labels); // the shadows are written
      AtomicInteger gradients = new AtomicInteger();
      KernelListener counts =
          new KernelListener() {
            @Override
            public void after(List<Operand> results) {
              for (Operand result : results) {
                boolean ofHidden = result.size() == 19 * 24 || result.size() == 24;
                gradients.addAndGet(ofHidden ? 1 : 0);
              }
            }
          };
      device.watch(counts, () -> training.step(images, labels));
      assertEquals(frozen ? 0 : 2, gradients.get());
    } finally {
      Device.setDefault(before);
    }
  }

  private GivenGradients trainer(Weight.Kind kind) {
    return GivenGradients.training(kind, shared)
        .lossScale(LossScale.fixed(4f))
        .optimizer(Sgd.of(1f))
        .build();
  }

  private GivenGradients reader() {
    return GivenGradients.training(shared, own)
        .lossScale(LossScale.fixed(4f))
        .optimizer(Sgd.of(1f))
        .frozen(weight -> weight.path().equals("p0"))
        .build();
  }

  private static void refused(String why, Runnable work) {
    Exception refused = assertThrows(IllegalStateException.class, work::run);
    assertTrue(String.valueOf(refused.getMessage()).contains(why), refused.toString());
  }
}
