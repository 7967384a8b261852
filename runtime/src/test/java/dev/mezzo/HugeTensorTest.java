package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mezzo.backend.vector.VectorBackend;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** More than 2³¹ elements: 4.3 GB in FP16, twice, where there is so much memory. */
class HugeTensorTest {

  private static final int ROWS = (1 << 16) + 1;
  private static final int COLS = 1 << 15;
  private static final long NEEDED = 12L << 30;

  @Test
  @Tag("long")
  void elementsBehindTheFirst2To31AreReadAndWritten() throws IOException {
    assumeTrue(available() >= NEEDED, "needs 12 GB of free memory");
    try (Device device = Device.of(new VectorBackend(2));
        Tensor x = Tensor.allocate(device, Shape.of(ROWS, COLS), DType.FP16).fill(0.5f)) {
      assertEquals((1L << 31) + COLS, x.shape().size());
      ShapeException refused = assertThrows(ShapeException.class, () -> Ops.sum(x));
      assertTrue(refused.toString().contains("(65537, 32768)"), refused::toString);
      try (Tensor rows = Ops.sum(x, 1);
          Tensor end = Ops.slice(x, 0, ROWS - 1, ROWS);
          Tensor most = Ops.max(x, new int[] {1}, false)) {
        assertEquals(0.5f, most.toFloats()[ROWS - 1]);
        assertEquals(COLS / 2f, rows.toFloats()[ROWS - 1]);
        float[] last = end.toFloats();
        assertEquals(0.5f, last[0]);
        assertEquals(0.5f, last[COLS - 1]);
      }
      try (Tensor twice = Ops.add(x, x);
          Tensor end = Ops.slice(twice, 0, ROWS - 1, ROWS)) {
        assertEquals(1f, end.toFloats()[0]);
        assertEquals(1f, end.toFloats()[COLS - 1]);
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
