package dev.mezzo.benchmarks.compiler;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ProcessorBenchmarkTest {

  @Test
  void layersHaveAsManyOperationsAsAskedFor() {
    List<LayerSources.Source> sources = LayerSources.of(5, 30);
    assertEquals(6, sources.size());
    for (LayerSources.Source layer : sources.subList(0, 5)) {
      assertEquals(30, layer.code().lines().filter(line -> line.contains(" = ")).count());
    }
    assertEquals(sources, LayerSources.of(5, 30));
  }

  @Test
  void theProcessorWritesTheFormsAndJavacAcceptsThem() throws Exception {
    var report =
        new ProcessorBenchmark(new ProcessorBenchmark.Options(5, 30, 1, -1, List.of())).measure();
    assertTrue(report.lines() > 5 * 30 * 2, report.toString());
    assertTrue(report.with() > 0 && report.without() > 0 && report.written() > 0);
  }
}
