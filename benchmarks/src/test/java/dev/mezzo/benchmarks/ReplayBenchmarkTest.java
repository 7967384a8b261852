package dev.mezzo.benchmarks;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ReplayBenchmarkTest {
  @Test
  void timesStepsOfBothKinds() {
    ReplayBenchmark.Result result = ReplayBenchmark.measure(1, 2);
    assertTrue(result.with() > 0 && result.without() > 0, result.toString());
    assertTrue(result.ratio() == result.with() / result.without(), result.toString());
  }
}
