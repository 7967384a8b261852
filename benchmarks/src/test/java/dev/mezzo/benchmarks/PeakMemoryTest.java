package dev.mezzo.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mezzo.Device;
import dev.mezzo.Memory;
import dev.mezzo.PeakMemory;
import dev.mezzo.benchmarks.workloads.Workload;
import dev.mezzo.benchmarks.workloads.Workloads;
import dev.mezzo.examples.data.DataLocation;
import dev.mezzo.examples.training.TrainingForm;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a step holds is known beforehand: against what it holds, on the peers' workloads. */
final class PeakMemoryTest {

  private static final double TOLERANCE = 0.05;

  @ParameterizedTest
  @EnumSource(names = {"W1", "W2", "W3"})
  void isWhatAStepHolds(Workloads named) {
    Workload workload = named.on(new DataLocation.Bundled());
    for (TrainingForm form : new TrainingForm[] {TrainingForm.MIXED, TrainingForm.FP32}) {
      PeakMemory computed =
          PeakMemory.of(() -> workload.open(form), session -> session.next().run());
      PeakMemory measured = measured(workload, form);
      assertClose(measured.peak(), computed.peak());
      assertClose(measured.held(), computed.held());
      assertClose(measured.saved(), computed.saved());
    }
  }

  private static PeakMemory measured(Workload workload, TrainingForm form) {
    Device before = Device.current();
    try (Device device = Device.cpu(2)) {
      Device.setDefault(device);
      try (Workload.Session session = workload.open(form)) {
        session.next().run();
        Memory memory = device.memory();
        memory.resetPeaks();
        long held = memory.liveBytes();
        session.next().run();
        return new PeakMemory(held, memory.peakBytes(), memory.peakSavedBytes());
      }
    } finally {
      Device.setDefault(before);
    }
  }

  private static void assertClose(long expected, long found) {
    assertEquals((double) expected, (double) found, TOLERANCE * expected);
  }
}
