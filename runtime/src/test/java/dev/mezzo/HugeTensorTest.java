package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mezzo.backend.vector.VectorBackend;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** More than 2³¹ elements: 4.3 GB in FP16, where there is so much memory. */
class HugeTensorTest {

  private static final int ROWS = (1 << 16) + 1;
  private static final int COLS = 1 << 15;
  private static final long NEEDED = 7L << 30;

  @Test
  @Tag("long")
  void elementsBehindTheFirst2To31AreReadAndWritten() throws IOException {
    assumeTrue(available() >= NEEDED, "needs 7 GB of free memory");
    try (Device device = Device.of(new VectorBackend(2));
        Tensor x = Tensor.allocate(device, Shape.of(ROWS, COLS), DType.FP16).fill(0.5f)) {
      assertEquals((1L << 31) + COLS, x.shape().size());
      try (Tensor sum = Ops.sum(x);
          Tensor rows = Ops.sum(x, 1);
          Tensor end = Ops.slice(x, 0, ROWS - 1, ROWS)) {
        assertEquals(0.5f * ((1L << 31) + COLS), sum.item());
        assertEquals(COLS / 2f, rows.toFloats()[ROWS - 1]);
        float[] last = end.toFloats();
        assertEquals(0.5f, last[0]);
        assertEquals(0.5f, last[COLS - 1]);
      }
    }
  }

  /** Linux's estimate; 0 elsewhere, so that nothing is tried. */
  private static long available() throws IOException {
    Path info = Path.of("/proc/meminfo");
    if (!Files.exists(info)) {
      return 0;
    }
    return Files.readAllLines(info).stream()
        .filter(line -> line.startsWith("MemAvailable:"))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }
}
