package dev.mezzo.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.benchmarks.workloads.Gpt2Workload;
import dev.mezzo.benchmarks.workloads.Workload;
import dev.mezzo.examples.Gpt2;
import dev.mezzo.examples.training.TrainingForm;
import org.junit.jupiter.api.Test;

final class Gpt2WorkloadTest {

  /** A table that is the head, too, counts once: 124,439,808 weights in the size of that name. */
  @Test
  void aSmallOneLearnsItsBatch() {
    Gpt2.Size size = new Gpt2.Size(31, 8, 16, 2, 2);
    try (Workload.Session session = new Gpt2Workload(size, 3).open(TrainingForm.MIXED)) {
      assertEquals(4 * weights(size), session.training().memoryUse().weights());
      float first = session.next().run().loss();
      for (int i = 0; i < 100; i++) {
        session.next().run();
      }
      float last = session.next().run().loss();
      assertTrue(last < 0.9f * first, first + " to " + last);
    }
    assertEquals(124_439_808, weights(Gpt2.Size.SMALL));
  }

  /** Table, positions, blocks of two norms and four linear layers, norm. */
  private static long weights(Gpt2.Size size) {
    long features = size.features();
    long block = 12 * features * features + 13 * features;
    return (size.vocabulary() + size.context()) * features + size.blocks() * block + 2 * features;
  }

  /** About 0.8 GFLOP a token. */
  @Test
  void countsItsProducts() {
    double token = new Gpt2Workload(Gpt2.Size.SMALL, 16).flop() / (16 * 1024.0);
    assertEquals(0.80e9, token, 0.01e9);
  }
}
