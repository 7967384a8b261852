package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.HandMixedClassifier.Classifier;
import dev.mezzo.HandMixedMlp.Mlp;
import dev.mezzo.backend.cuda.CudaBackend;
import dev.mezzo.backend.cuda.FakeCuda;
import dev.mezzo.layers.Linear;
import dev.mezzo.optim.AdamW;
import dev.mezzo.types.Shape;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A small network, dropout included, trained on CUDA and with plain loops. */
class CudaTrainingTest {

  private static final int BATCH = 40;
  private static final int FEATURES = 19;
  private static final int HIDDEN = 24;
  private static final int CLASSES = 5;
  private static final int STEPS = 50;

  private final Device before = Device.current();

  @BeforeEach
  void install() {
    String missing = FakeCuda.install();
    Assumptions.assumeTrue(missing.isEmpty(), missing);
  }

  @AfterEach
  void useDefault() {
    Device.setDefault(before);
  }

  /**
   * Sums have another order, and what is then rounded to 16 bits may be another neighbour: a loss
   * differs by some units of the type, relative to the logits, which are of the order of 1; and the
   * weights' differences add up over the steps. A wrong mask, scale or correction is some hundred
   * times as much.
   */
  @ParameterizedTest
  @EnumSource(HalfFormat.class)
  void lossesAreThoseOfPlainLoops(HalfFormat half) {
    float[] expected = losses(TestDevices.scalar(), half);
    float[] found;
    try (CudaBackend backend = new CudaBackend(0)) {
      found = losses(Device.of(backend), half);
    }
    double unit =
        switch (half) {
          case NONE -> 0x1p-24;
          case FP16 -> 0x1p-11;
          case BF16 -> 0x1p-8;
        };
    for (int i = 0; i < STEPS; i++) {
      assertEquals(expected[i], found[i], 4 * unit * Math.sqrt(i + 1.0), half + ", step " + i);
    }
    assertTrue(found[STEPS - 1] < 0.5f * found[0], "it learns");
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    try (CudaBackend backend = new CudaBackend(0)) {
      Device device = Device.of(backend);
      assertArrayEquals(losses(device, HalfFormat.FP16), losses(device, HalfFormat.FP16));
    }
  }

  private static float[] losses(Device device, HalfFormat half) {
    Device.setDefault(device);
    Random random = new Random(11);
    Classifier model =
        new Classifier(
            new Mlp(
                new Linear(FEATURES, HIDDEN, random), new Linear(HIDDEN, CLASSES, random), 0.25f));
    float[] losses = new float[STEPS];
    int[] classes = random.ints(BATCH, 0, CLASSES).toArray();
    float[] values = new float[BATCH * FEATURES];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    try (Tensor images = Tensor.of(Shape.of(BATCH, FEATURES), values);
        Tensor labels = Tensor.ofInts(Shape.of(BATCH), classes);
        HandMixedClassifier training =
            HandMixedClassifier.training(model)
                .optimizer(AdamW.of(0.01f))
                .half(half)
                .seed(5)
                .build()) {
      for (int i = 0; i < STEPS; i++) {
        losses[i] = training.step(images, labels).loss();
      }
    }
    return losses;
  }
}
