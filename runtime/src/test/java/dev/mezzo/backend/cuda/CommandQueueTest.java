package dev.mezzo.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What repeats itself becomes a graph, whatever its arguments are. */
class CommandQueueTest {

  private static final int SIZE = 20;
  private static final int CAPTURE_INVALIDATED = 901;

  @BeforeEach
  void fake() {
    assumeFalse(FakeCuda.real(), "calls of a GPU's driver are not counted");
    String missing = FakeCuda.install();
    assumeTrue(missing.isEmpty(), missing);
    FakeDriver.reset();
  }

  @AfterEach
  void reset() {
    if (FakeCuda.install().isEmpty() && !FakeCuda.real()) {
      FakeDriver.reset();
    }
  }

  @Test
  void afterAWarmUpARepeatedListIsOneStart() {
    try (CudaBackend backend = new CudaBackend(0)) {
      for (int round = 0; round < 3; round++) {
        check(backend, round, 10);
      }
      long graphs = FakeDriver.calls("cuGraphLaunch");
      long kernels = FakeDriver.calls("cuLaunchKernel");
      for (int round = 3; round < 8; round++) { // other addresses and numbers each
        check(backend, round, 10);
      }
      assertEquals(graphs + 5, FakeDriver.calls("cuGraphLaunch"));
      assertEquals(kernels, FakeDriver.calls("cuLaunchKernel"));
    }
  }

  @Test
  void aListOfAnotherLengthIsAnotherGraph() {
    try (CudaBackend backend = new CudaBackend(0)) {
      for (int round = 0; round < 12; round++) {
        check(backend, round, 10 + round % 2);
      }
    }
  }

  @Test
  void theNumberOfGraphsIsBounded() {
    try (CudaBackend backend = new CudaBackend(0)) {
      long before = FakeDriver.calls("cuGraphInstantiateWithFlags");
      long destroyed = FakeDriver.calls("cuGraphExecDestroy");
      for (int length = 10; length < 12 + CommandQueue.GRAPHS; length++) {
        for (int round = 0; round < 3; round++) {
          check(backend, round, length);
        }
      }
      assertEquals(
          before + CommandQueue.GRAPHS + 2, FakeDriver.calls("cuGraphInstantiateWithFlags"));
      assertEquals(destroyed + 2, FakeDriver.calls("cuGraphExecDestroy"));
    }
  }

  @Test
  void whatCannotBeCapturedRunsByItself() {
    try (CudaBackend backend = new CudaBackend(0)) {
      FakeDriver.fail("cuStreamEndCapture", 1, CAPTURE_INVALIDATED);
      long before = FakeDriver.calls("cuGraphLaunch");
      for (int round = 0; round < 6; round++) {
        check(backend, round, 10);
      }
      assertEquals(before, FakeDriver.calls("cuGraphLaunch"));
    }
  }

  @Test
  void productsAreInGraphsToo() {
    try (CudaBackend backend = new CudaBackend(0)) {
      Operand a = floats(backend, 1, 2, 3, 4);
      Operand b = floats(backend, 1, 1, 0, 1);
      Operand c = floats(backend, 0, 0, 0, 0);
      long before = FakeDriver.calls("cuGraphLaunch");
      for (int round = 0; round < 5; round++) {
        backend.fill(c, round);
        for (int i = 0; i < 9; i++) {
          backend.gemm(
              new GemmShape(2, 2, 2),
              new Matrix(a, false, 2),
              new Matrix(b, false, 2),
              new Matrix(c, false, 2),
              Epilogue.adding(true));
        }
        assertArrayEquals(
            new float[] {round + 9, round + 27, round + 27, round + 63}, read(backend, c));
      }
      assertTrue(FakeDriver.calls("cuGraphLaunch") > before);
    }
  }

  /** A chain of kernels on fresh memory, whose result depends on the round. */
  private static void check(CudaBackend backend, int round, int length) {
    float[] values = new float[SIZE];
    float[] expected = new float[SIZE];
    float factor = 1 + round;
    for (int i = 0; i < SIZE; i++) {
      values[i] = i - 3;
      expected[i] = Math.max(0, values[i]) * factor;
    }
    Operand x = floats(backend, values);
    Operand y = floats(backend, new float[SIZE]);
    backend.scale(x, factor, y);
    for (int i = 1; i < length; i++) {
      backend.unary(Unary.RELU, y, y);
    }
    assertArrayEquals(expected, read(backend, y));
  }

  private static Operand floats(CudaBackend backend, float... values) {
    MemorySegment memory = backend.allocate(4L * values.length);
    backend.upload(MemorySegment.ofArray(values), memory);
    return new Operand(memory, DType.FP32, values.length);
  }

  private static float[] read(CudaBackend backend, Operand operand) {
    float[] values = new float[(int) operand.size()];
    backend.download(operand.data(), MemorySegment.ofArray(values));
    return values;
  }
}
