package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.layers.BatchNorm;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Running statistics: who writes them, who reads them, what leaves them alone. */
class BatchNormTest {

  private static final Shape CHANNELS = Shape.of(2);

  private final Tensor weight = Tensor.of(CHANNELS, 2, 1);
  private final Tensor bias = Tensor.of(CHANNELS, 1, 0);
  private final State mean = State.filled(CHANNELS, 0);
  private final State variance = State.filled(CHANNELS, 1);

  @Test
  void trainingNormalizesByTheBatchAndMovesTheRunningStatistics() {
    try (Tensor x = Tensor.of(Shape.of(4, 2), 1, 10, 2, 10, 3, 30, 6, 30);
        Tensor y = norm(Tape.forTraining(), x)) {
      // Means 3 and 20, variances 3.5 and 100; unbiased 14/3 and 400/3.
      double scale = 2 / Math.sqrt(3.5);
      float[] values = y.toFloats();
      assertEquals(1 - 2 * scale, values[0], 1e-5);
      assertEquals(1 + 3 * scale, values[6], 1e-5);
      assertEquals(-1, values[1], 1e-5);
      assertEquals(1, values[7], 1e-5);
      assertArrayEquals(new float[] {0.3f, 2f}, mean.toFloats(), 1e-5f);
      assertArrayEquals(new float[] {0.9f + 1.4f / 3, 0.9f + 40f / 3}, variance.toFloats(), 1e-4f);
    }
  }

  @Test
  void inferenceReadsTheRunningStatisticsAndWritesNone() {
    mean.copyFrom(5, 0);
    variance.copyFrom(4, 1);
    try (Tensor x = Tensor.of(Shape.of(1, 2), 7, 3);
        Tensor y = norm(Tape.inference(), x)) {
      assertArrayEquals(new float[] {3, 3}, y.toFloats(), 1e-4f);
      assertArrayEquals(new float[] {5, 0}, mean.toFloats());
      assertArrayEquals(new float[] {4, 1}, variance.toFloats());
    }
  }

  @Test
  void anImageIsNormalizedByItselfWhateverIsInOthers() {
    float[] small = {0.1f, -0.2f, 0.3f, 0.4f};
    float[] both = {1e6f, 1, 2, 3, 0.1f, -0.2f, 0.3f, 0.4f};
    try (Tensor alone = Tensor.of(Shape.of(1, 2, 2), small);
        Tensor beside = Tensor.of(Shape.of(2, 2, 2), both);
        Tensor expected = Ops.groupNorm(alone, weight, bias, 1, 1e-5f);
        Tensor found = Ops.groupNorm(beside, weight, bias, 1, 1e-5f)) {
      float[] second = Arrays.copyOfRange(found.toFloats(), 4, 8);
      assertArrayEquals(expected.toFloats(), second, 1e-6f);
    }
  }

  @Test
  void aChannelThatOverflowsLeavesItsRunningStatistics() {
    float infinity = Float.POSITIVE_INFINITY;
    try (Tensor x = Tensor.of(Shape.of(2, 2), infinity, 1, 0, 3);
        Tensor y = norm(Tape.forTraining(), x)) {
      assertTrue(Float.isNaN(y.toFloats()[0]));
      assertArrayEquals(new float[] {0, 0.2f}, mean.toFloats(), 1e-6f);
      assertArrayEquals(new float[] {1, 1.1f}, variance.toFloats(), 1e-5f);
    }
  }

  @Test
  void aStepThatIsRunAgainMovesTheRunningStatisticsOnce() {
    Tape tape = Tape.forTraining();
    try (Tensor x = Tensor.of(Shape.of(4, 2), 1, 10, 2, 10, 3, 30, 6, 30)) {
      tape.begin(1, 0, 0);
      norm(tape, x).close();
      float[] once = mean.toFloats();
      assertEquals(0.3f, once[0], 1e-5f);
      tape.beginAgain(1, 0, 0);
      norm(tape, x).close();
      norm(tape.unsaved(), x).close();
      assertArrayEquals(once, mean.toFloats());
      tape.begin(1, 1, 0);
      norm(tape, x).close();
      assertTrue(mean.toFloats()[0] > once[0]);
    }
  }

  @Test
  void in16BitsStatisticsAreStillFp32() {
    try (Tensor full = Tensor.of(Shape.of(2, 2), 2048, 1, 2050, 1);
        Tensor x = Ops.cast(full, DType.FP16);
        Tensor w = Ops.cast(weight, DType.FP16);
        Tensor b = Ops.cast(bias, DType.FP16);
        Tensor y = Ops.batchNorm(Tape.forTraining(), x, w, b, mean, variance, 1, 1e-5f)) {
      assertEquals(DType.FP16, y.dtype());
      assertEquals(2049, mean.toFloats()[0]); // no FP16 number
    }
  }

  @Test
  void anEmptyBatchChangesNothing() {
    try (Tensor x = Tensor.zeros(Shape.of(0, 2), DType.FP32);
        Tensor y = norm(Tape.forTraining(), x)) {
      assertEquals(0, y.shape().size());
      assertArrayEquals(new float[] {1, 1}, variance.toFloats());
    }
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    try (Tensor x = Tensor.zeros(Shape.of(4, 3), DType.FP32)) {
      ShapeException e =
          assertThrows(ShapeException.class, () -> norm(Tape.inference(), x).close());
      String message = e.toString();
      assertTrue(message.contains("(4, 3)") && message.contains("(2)"), message);
    }
    assertThrows(IllegalArgumentException.class, () -> new BatchNorm(0));
  }

  private Tensor norm(Tape tape, Tensor x) {
    return Ops.batchNorm(tape, x, weight, bias, mean, variance, 0.1f, 1e-5f);
  }
}
