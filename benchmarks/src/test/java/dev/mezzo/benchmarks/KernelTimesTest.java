package dev.mezzo.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.Device;
import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

class KernelTimesTest {

  private final KernelTimes times = new KernelTimes();
  private final Backend backend = times.backend(Device.cpu().backend());

  @Test
  void tellsKernelsApartByNameAndShape() {
    multiply(16);
    multiply(16);
    multiply(512);
    backend.fill(operand(16), 1f);
    List<String> lines = times.table(2).lines().toList();
    assertEquals(4, lines.size());
    assertTrue(lines.get(1).contains("m=512"), () -> "the longest first: " + lines);
    assertTrue(
        lines.stream().anyMatch(line -> line.matches(".* 1\\.0 .*gemm .*m=16,.*")),
        () -> "two calls in two steps: " + lines);
    assertTrue(
        lines.stream().anyMatch(line -> line.contains("fill FP32[256]")),
        () -> "with the operand's type and size: " + lines);
  }

  @Test
  void forgetsTheWarmUp() {
    multiply(16);
    times.clear();
    assertFalse(times.table(1).contains("gemm"));
  }

  private void multiply(int n) {
    Matrix a = new Matrix(operand(n), false, n);
    Matrix b = new Matrix(operand(n), true, n);
    Matrix c = new Matrix(operand(n), false, n);
    backend.gemm(new GemmShape(n, n, n), a, b, c, Epilogue.NONE);
  }

  private Operand operand(int n) {
    return new Operand(backend.allocate(4L * n * n), DType.FP32, (long) n * n);
  }
}
