package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Ownership, memory, and copies to and from Java. */
class TensorTest {

  private final Device device = TestDevices.scalar();

  @Test
  void closedTwice() {
    Tensor x = tensor(Shape.of(2, 3), DType.FP16);
    x.close();
    IllegalStateException e = assertThrows(IllegalStateException.class, x::close);
    assertEquals("tensor (2, 3) FP16 is closed twice", e.getMessage());
  }

  @Test
  void usedAfterClose() {
    Tensor x = tensor(Shape.of(2), DType.FP32);
    x.close();
    assertEquals(
        "use of tensor (2) FP32 after it was closed",
        assertThrows(IllegalStateException.class, x::operand).getMessage());
    assertThrows(IllegalStateException.class, x::retain);
    assertThrows(IllegalStateException.class, x::toFloats);
    assertThrows(IllegalStateException.class, () -> Ops.relu(x));
    assertThrows(IllegalStateException.class, () -> Ops.reshape(x, 2, 1));
    assertEquals("Tensor (2) FP32, closed", x.toString());
  }

  @Test
  void aRetainedTensorLivesUntilItsLastReferenceIsClosed() {
    Tensor x = tensor(Shape.of(2), DType.FP32);
    x.retain().close();
    assertFalse(x.isClosed());
    x.close();
    assertTrue(x.isClosed());
    assertEquals(0, device.memory().liveBytes());
  }

  @Test
  void aViewKeepsTheMemory() {
    Tensor x = tensor(Shape.of(2, 3), DType.FP32);
    Tensor view = Ops.transpose(x);
    x.close();
    assertEquals(24, device.memory().liveBytes());
    assertEquals(6, view.toFloats().length);
    assertFalse(view.isClosed());
    view.close();
    assertEquals(0, device.memory().liveBytes());
  }

  @Test
  void memoryIsUsedAgain() {
    long address;
    try (Tensor x = tensor(Shape.of(1000), DType.FP32)) {
      address = x.operand().data().address();
    }
    try (Tensor y = tensor(Shape.of(1999), DType.FP16)) { // of the same size class
      assertEquals(address, y.operand().data().address());
      assertEquals(3998, y.operand().data().byteSize());
    }
  }

  @Test
  void sizeClassesHoldTheirSizeAndWasteLittle() {
    for (long bytes = 0; bytes < 70000; bytes++) {
      long size = MemoryPool.sizeClass(bytes);
      assertTrue(size >= bytes && size >= 64 && size % 64 == 0, "size class of " + bytes);
      assertTrue(
          bytes <= 256 || size <= bytes + bytes / 4, "size class of " + bytes + " is " + size);
    }
    assertEquals(1L << 40, MemoryPool.sizeClass(1L << 40));
  }

  @Test
  void elementsAreAlignedForVectors() {
    for (int size = 0; size < 300; size += 7) {
      try (Tensor x = tensor(Shape.of(size), DType.FP16)) {
        assertEquals(0, x.operand().data().address() % 64);
      }
    }
  }

  @Test
  void peaksAreKeptAndReset() {
    Tensor x = tensor(Shape.of(100), DType.FP32);
    Tensor y = tensor(Shape.of(100), DType.FP16);
    y.close();
    assertEquals(400, device.memory().liveBytes());
    assertEquals(600, device.memory().peakBytes());
    device.memory().resetPeaks();
    assertEquals(400, device.memory().peakBytes());
    assertEquals(1, device.memory().liveTensors());
    x.close();
    assertEquals(0, device.memory().liveTensors());
  }

  @Test
  void aTensorThatIsNotClosedIsFound() throws InterruptedException {
    for (int i = 0; i < 10; i++) {
      tensor(Shape.of(50), DType.FP32);
    }
    for (int wait = 0; wait < 200 && device.memory().liveTensors() > 0; wait++) {
      System.gc();
      Thread.sleep(10);
    }
    assertEquals(10, device.memory().abandonedTensors());
    assertEquals(0, device.memory().liveBytes());
  }

  @Test
  void closingOnManyThreadsCountsRight() throws InterruptedException {
    Tensor x = tensor(Shape.of(5), DType.FP32);
    Thread[] threads = new Thread[4];
    for (int i = 0; i < threads.length; i++) {
      threads[i] =
          new Thread(
              () -> {
                for (int j = 0; j < 20000; j++) {
                  x.retain().close();
                }
              });
      threads[i].start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertFalse(x.isClosed());
    x.close();
    assertEquals(0, device.memory().liveBytes());
  }

  @Test
  void valuesAreRoundedOnTheWayIn() {
    float[] values = {1, 65519.99f, 65520, 0x1p-25f, 0x1.8p-24f, Float.NaN};
    try (Tensor x = tensor(Shape.of(6), DType.FP16).copyFrom(values)) {
      float infinity = Float.POSITIVE_INFINITY;
      assertArrayEquals(new float[] {1, 65504, infinity, 0, 0x1p-23f, Float.NaN}, x.toFloats());
    }
    try (Tensor x = tensor(Shape.of(3), DType.BF16).copyFrom(new float[] {257, 259, -0f})) {
      assertArrayEquals(new float[] {256, 260, -0f}, x.toFloats());
    }
  }

  @Test
  void itShowsItsFirstElements() {
    try (Tensor x = tensor(Shape.of(3, 4), DType.FP32).fill(1.5f)) {
      assertEquals("Tensor (3, 4) FP32 [1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, …]", x.toString());
    }
    try (Tensor labels = tensor(Shape.of(2), DType.INT32).copyFrom(new int[] {3, -1})) {
      assertEquals("Tensor (2) INT32 [3, -1]", labels.toString());
    }
    try (Tensor empty = tensor(Shape.of(0, 3), DType.BF16)) {
      assertEquals("Tensor (0, 3) BF16 []", empty.toString());
    }
  }

  @Test
  void elementTypesAreNotMixedUp() {
    try (Tensor labels = tensor(Shape.of(2), DType.INT32);
        Tensor x = tensor(Shape.of(2), DType.FP32)) {
      assertThrows(ShapeException.class, labels::toFloats);
      assertThrows(ShapeException.class, x::toInts);
      assertThrows(ShapeException.class, () -> labels.copyFrom(new float[2]));
      assertThrows(ShapeException.class, () -> x.copyFrom(new int[2]));
    }
  }

  @Test
  void aParameterIsACopyInFp32() {
    try (Tensor values = tensor(Shape.of(2), DType.FP16).copyFrom(new float[] {1, 2});
        Parameter parameter = Parameter.of(values)) {
      values.fill(0);
      assertEquals(DType.FP32, parameter.dtype());
      assertArrayEquals(new float[] {1, 2}, parameter.toFloats());
    }
  }

  @Test
  void parametersAreDrawnFromTheirDistribution() {
    try (Parameter uniform = Parameter.uniform(Shape.of(10000), 0.5f, new Random(1));
        Parameter normal = Parameter.normal(Shape.of(10000), 0.1f, new Random(1))) {
      double sum = 0;
      double squares = 0;
      for (float value : uniform.toFloats()) {
        assertTrue(value >= -0.5f && value < 0.5f);
        sum += value;
      }
      for (float value : normal.toFloats()) {
        squares += (double) value * value;
      }
      assertEquals(0, sum / 10000, 0.015); // 5 standard deviations
      assertEquals(0.01, squares / 10000, 0.0007); // 5 standard deviations
    }
  }

  private Tensor tensor(Shape shape, DType dtype) {
    return Tensor.allocate(device, shape, dtype);
  }
}
