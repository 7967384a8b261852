package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.optim.AdamW;
import dev.mezzo.optim.Optimizer;
import dev.mezzo.optim.Schedule;
import dev.mezzo.optim.Sgd;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Weights with rules of their own, and weights that stay. */
class WeightGroupsTest {

  @TempDir Path folder;

  private final Device device = TestDevices.scalar();
  private final Parameter a = GivenGradients.parameter(device, 1f, 2f, 3f);
  private final Parameter b = GivenGradients.parameter(device, 1f + 0x1p-20f);

  @Test
  void eachWeightFollowsItsRule() {
    AdamW adamW = AdamW.of(0.1f).withWeightDecay(0.5f);
    float[] decayed = alone(adamW);
    float[] plain = alone(adamW.withWeightDecay(0f));
    assertTrue(decayed[0] < plain[0], decayed[0] + " " + plain[0]);
    Parameter other = GivenGradients.parameter(device, 1f, 2f, 3f);
    try (GivenGradients training =
        fixed(a, other)
            .optimizer(adamW)
            .optimizer(weight -> weight.path().equals("p1"), adamW.withWeightDecay(0f))
            .build()) {
      training.step(new float[] {4f, 8f, 0f}, new float[] {4f, 8f, 0f});
      training.step(new float[] {4f, 8f, 0f}, new float[] {4f, 8f, 0f});
    }
    assertArrayEquals(decayed, a.toFloats());
    assertArrayEquals(plain, other.toFloats());
  }

  @Test
  void theFirstGroupCountsAndSeesPathAndShape() {
    List<WeightPlace> seen = new ArrayList<>();
    Sgd sgd = Sgd.of(1f);
    try (GivenGradients training =
        fixed(a, b)
            .optimizer(sgd)
            .frozen(weight -> seen.add(weight) && weight.shape().size() == 3)
            .optimizer(weight -> true, sgd.withWeightDecay(0.25f))
            .build()) {
      training.step(new float[] {4f, 4f, 4f}, new float[] {0f});
    }
    assertEquals(
        List.of(new WeightPlace("p0", Shape.of(3)), new WeightPlace("p1", Shape.of(1))), seen);
    assertArrayEquals(new float[] {1f, 2f, 3f}, a.toFloats());
    assertArrayEquals(new float[] {0.75f * (1f + 0x1p-20f)}, b.toFloats());
  }

  @ParameterizedTest
  @EnumSource(Weight.Kind.class)
  void whatIsFrozenStaysBitByBit(Weight.Kind kind) {
    float[] before = b.toFloats();
    for (boolean masters : new boolean[] {true, false}) {
      long bytes = device.memory().liveBytes();
      try (GivenGradients training =
          GivenGradients.training(kind, a, b)
              .lossScale(LossScale.fixed(4f))
              .optimizer(AdamW.of(0.1f))
              .frozen(weight -> weight.path().equals("p1"))
              .masterWeights(masters)
              .build()) {
        assertEquals(2 * 3 * 4, training.memoryUse().optimizerState());
        training.step(new float[] {4f, 8f, 0f}, new float[] {4f});
        assertNull(training.weights().get(1).gradient());
        assertArrayEquals(before, training.weights().get(1).values());
      }
      assertEquals(bytes, device.memory().liveBytes());
      assertArrayEquals(before, b.toFloats());
    }
  }

  @Test
  void aFrozenGradientSkipsNoStepAndIsNotClipped() {
    try (GivenGradients training =
        fixed(a, b)
            .optimizer(Sgd.of(1f))
            .clipNorm(1f)
            .frozen(weight -> weight.path().equals("p1"))
            .build()) {
      float[] overflowed = {Float.POSITIVE_INFINITY};
      assertInstanceOf(Applied.class, training.step(new float[] {2f, 0f, 0f}, overflowed));
      assertArrayEquals(new float[] {0.5f, 2f, 3f}, a.toFloats());
      assertInstanceOf(Skipped.class, training.step(new float[] {Float.NaN, 0f, 0f}, overflowed));
    }
  }

  @Test
  void groupsAreSavedAndGoOn() {
    Path file = folder.resolve("groups.safetensors");
    AdamW adamW = AdamW.of(0.1f);
    float[] goneOn;
    try (GivenGradients training = frozenB(adamW)) {
      training.step(new float[] {4f, 8f, 0f}, new float[] {4f});
      training.save(file);
      training.step(new float[] {8f, 8f, 4f}, new float[] {4f});
      goneOn = a.toFloats();
    }
    try (GivenGradients training = frozenB(adamW)) {
      training.load(file);
      training.step(new float[] {8f, 8f, 4f}, new float[] {4f});
    }
    assertArrayEquals(goneOn, a.toFloats());
  }

  @Test
  void nothingToTrain() {
    var builder = fixed(a, b).optimizer(Sgd.of(1f)).frozen(weight -> true);
    Exception refused = assertThrows(IllegalStateException.class, builder::build);
    assertTrue(
        String.valueOf(refused.getMessage()).contains("all weights are frozen"),
        refused.toString());
    a.fill(1f); // belongs to no training
  }

  /** Both count applied steps, also over a skipped one and a file. */
  @Test
  void aScheduleOfItsOwn() {
    Path file = folder.resolve("schedules.safetensors");
    Sgd others = Sgd.of(Schedule.step(1f, 0.5f, 1));
    Sgd ofB = Sgd.of(Schedule.step(4f, 0.25f, 1));
    try (GivenGradients training = withSchedules(others, ofB)) {
      training.step(new float[] {4f, 0f, 0f}, new float[] {4f}); // scaled by 4
      assertEquals(0f, a.toFloats()[0]);
      assertEquals(-3f, b.toFloats()[0], 1e-5f);
      training.step(new float[] {Float.NaN, 0f, 0f}, new float[] {4f});
      training.step(new float[] {4f, 0f, 0f}, new float[] {4f});
      assertEquals(-0.5f, a.toFloats()[0]);
      assertEquals(-4f, b.toFloats()[0], 1e-5f);
      assertEquals(0.25f, training.learningRate());
      assertEquals(0.25f, training.learningRate(new WeightPlace("p1", Shape.of(1))));
      training.save(file);
    }
    try (GivenGradients training = withSchedules(others, Sgd.of(Schedule.step(8f, 0.5f, 1)))) {
      training.load(file);
      training.step(new float[] {4f, 0f, 0f}, new float[] {4f});
      assertEquals(-0.75f, a.toFloats()[0]);
      assertEquals(-6f, b.toFloats()[0], 1e-5f); // 8, halved twice
    }
  }

  private GivenGradients withSchedules(Optimizer others, Optimizer ofB) {
    return fixed(a, b)
        .optimizer(others)
        .optimizer(weight -> weight.path().equals("p1"), ofB)
        .build();
  }

  private GivenGradients frozenB(Optimizer optimizer) {
    return fixed(a, b).optimizer(optimizer).frozen(weight -> weight.path().equals("p1")).build();
  }

  /** What two steps of a weight like {@link #a} come to. */
  private float[] alone(Optimizer optimizer) {
    Parameter alone = GivenGradients.parameter(device, 1f, 2f, 3f);
    try (GivenGradients training = fixed(alone).optimizer(optimizer).build()) {
      training.step(new float[] {4f, 8f, 0f});
      training.step(new float[] {4f, 8f, 0f});
    }
    return alone.toFloats();
  }

  private static TrainingBuilder<GivenGradients> fixed(Parameter... model) {
    return GivenGradients.training(model).lossScale(LossScale.fixed(4f));
  }
}
