package dev.mezzo.benchmarks.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.vector.VectorBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Param;

final class KernelBenchmarkTest {

  @Test
  void measuresTheKernelsThatAreAskedFor() {
    KernelBenchmark benchmark =
        new KernelBenchmark(new KernelBenchmark.Options(List.of(1), "13x13x13", 0.01));
    List<MachineLimits> limits = new ArrayList<>();
    List<KernelResult> told = new ArrayList<>();
    KernelBenchmark.Report report = benchmark.measure(limits::add, told::add);
    assertEquals(report.limits(), limits);
    assertEquals(report.kernels(), told);
    assertEquals(1, told.size());
    KernelResult result = told.getFirst();
    assertEquals("gemm NT", result.kernel());
    assertEquals("GFLOP/s", result.unit());
    // 2·13³ operations in the time of a call.
    assertEquals(2 * 13 * 13 * 13 / result.microseconds() / 1e3, result.rate(), 1e-6);
    assertTrue(result.limit() > result.rate(), result::toString);
    assertEquals(limits.getFirst().fmaGflops(), result.limit());
  }

  @Test
  void onADeviceKernelsStandBesideALargeProduct() {
    try (Backend backend = new VectorBackend(1)) {
      List<DeviceBenchmark.Limits> limits = new ArrayList<>();
      List<KernelResult> told = new ArrayList<>();
      DeviceBenchmark.Report report =
          new DeviceBenchmark(backend, "13x13x13", 0.01, 16).measure(limits::add, told::add);
      assertEquals(report.kernels(), told);
      KernelResult result = told.getFirst();
      assertEquals(2 * 13 * 13 * 13 / result.microseconds() / 1e3, result.rate(), 1e-6);
      assertEquals(limits.getFirst().productGflops(), result.limit());
      assertTrue(result.limit() > 0 && limits.getFirst().copyGbs() > 0, result::toString);
    }
  }

  @Test
  void theKernelsOfLayersRun() {
    try (Backend backend = new VectorBackend(1)) {
      for (KernelCase one : ModelCases.all(backend)) {
        one.prepare().get().run();
        assertTrue(one.flop() > 0 || one.bytes() > 0, one.kernel());
      }
    }
  }

  @Test
  void jmhNamesKernelsThatExist() throws NoSuchFieldException {
    Param names = KernelsJmh.class.getField("kernel").getAnnotation(Param.class);
    try (Backend backend = new VectorBackend(1)) {
      List<KernelCase> cases = KernelBenchmark.cases(backend);
      for (String name : names.value()) {
        assertEquals(1, cases.stream().filter(one -> one.isNamed(name)).count(), name);
      }
    }
  }
}
