package dev.mezzo.benchmarks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mezzo.Device;
import dev.mezzo.WeightView;
import dev.mezzo.benchmarks.workloads.Workload;
import dev.mezzo.benchmarks.workloads.Workloads;
import dev.mezzo.examples.data.DataLocation;
import dev.mezzo.examples.training.TrainingForm;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same seed and number of threads give the same bits, whatever the threads' order; another
 * number adds up in another order.
 */
final class DeterminismTest {

  private static final int STEPS = 2;

  /** Of the loss after a step of FP16 gradients, whose roundings may fall the other way. */
  private static final double TOLERANCE = 2e-3;

  /**
   * What came of a training.
   *
   * @param weights of each weight the values
   */
  private record Outcome(float[] losses, List<float[]> weights) {}

  @ParameterizedTest
  @EnumSource(names = "W2")
  void sameBits(Workloads named) {
    check(named);
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource(names = {"W1", "W3", "W4", "W5", "W6"})
  void sameBitsOfTheOthers(Workloads named) {
    check(named);
  }

  private static void check(Workloads named) {
    Workload workload = named.on(new DataLocation.Bundled());
    Outcome two = run(workload, 2);
    Outcome again = run(workload, 2);
    assertArrayEquals(two.losses, again.losses, "losses");
    for (int i = 0; i < two.weights.size(); i++) {
      assertArrayEquals(two.weights.get(i), again.weights.get(i), "weight " + i);
    }
    Outcome three = run(workload, 3);
    for (int i = 0; i < STEPS; i++) {
      assertEquals(two.losses[i], three.losses[i], TOLERANCE * Math.abs(two.losses[i]));
    }
  }

  private static Outcome run(Workload workload, int threads) {
    Device before = Device.current();
    try (Device device = Device.cpu(threads)) {
      Device.setDefault(device);
      try (Workload.Session session = workload.open(TrainingForm.MIXED)) {
        float[] losses = new float[STEPS];
        for (int i = 0; i < STEPS; i++) {
          losses[i] = session.next().run().loss();
        }
        return new Outcome(
            losses, session.training().weights().stream().map(WeightView::values).toList());
      }
    } finally {
      Device.setDefault(before);
    }
  }
}
