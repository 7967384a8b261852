package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.DeviceException;
import dev.mezzo.backend.cuda.FakeCuda;
import dev.mezzo.backend.cuda.FakeDriver;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The GPU as a device, on the fake driver where there is none. */
class CudaDeviceTest {

  @BeforeEach
  void cuda() {
    String missing = FakeCuda.install();
    Assumptions.assumeTrue(missing.isEmpty(), missing);
  }

  @Test
  void itIsListedAndOpensByName() {
    assertEquals("cpu", Devices.list().getFirst().name());
    Devices.Found first = Devices.list().get(1);
    assertEquals("cuda:0", first.name());
    try (Device device = first.open()) {
      assertSame(device, Device.cuda(0));
      assertSame(device, Device.best());
      assertSame(device, Devices.named("cuda"));
      assertTrue(device.toString().startsWith("cuda ("), device.toString());
    }
  }

  @Test
  void afterCloseItOpensAgain() {
    Device first = Device.cuda(0);
    first.close();
    try (Device second = Device.cuda(0)) {
      assertNotSame(first, second);
    }
  }

  @Test
  void tensorsLiveThere() {
    try (Device device = Device.cuda(0);
        Tensor x = Tensor.allocate(device, Shape.of(3), DType.FP32);
        Tensor y = Ops.relu(x.copyFrom(new float[] {1, -2, 3}))) {
      assertSame(device, y.device());
      assertArrayEquals(new float[] {1, 0, 3}, y.toFloats());
    }
  }

  @Test
  void driverAndLibrariesAreShown() {
    Backends.Status cuda =
        Backends.available().stream()
            .filter(status -> status.name().equals("cuda"))
            .findFirst()
            .orElseThrow();
    assertTrue(cuda.available(), cuda.reason());
    assertTrue(cuda.reason().contains("; CUDA 1"), cuda.reason());
    assertTrue(cuda.reason().contains("cuBLASLt"), cuda.reason());
  }

  @Test
  void librariesAreFoundOrNotAndSaySoWithTheirUse() {
    Assumptions.assumeFalse(FakeCuda.real(), "what a machine has is its own");
    Devices.Library compiler = library("NVRTC");
    assertTrue(compiler.found(), compiler.description());
    assertTrue(compiler.description().startsWith("13.0, /"), compiler.description());
    assertTrue(compiler.description().endsWith("libnvrtc.so.13"), compiler.description());
    for (String name : List.of("cuDNN", "NCCL")) {
      Devices.Library missing = library(name);
      Assumptions.assumeFalse(missing.found(), "this machine has it");
      assertTrue(
          missing.description().startsWith(name + " was not found: "), missing.description());
      assertTrue(missing.description().contains("Install"), missing.description());
      assertTrue(missing.use().contains("not used yet"), missing.use());
    }
  }

  /** Each computes, allocates and reads for itself; nobody's values are another's. */
  @Test
  void threadsShareIt() throws Exception {
    int threads = 4;
    try (Device device = Device.cuda(0);
        ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<float[]>> results = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        float own = t + 1;
        results.add(pool.submit(() -> doubled(device, own, 200)));
      }
      for (int t = 0; t < threads; t++) {
        float sum = 2 * (t + 1);
        assertArrayEquals(new float[] {sum, sum, sum}, results.get(t).get());
      }
    }
  }

  /** The last of many sums, each of new tensors of another size. */
  private static float[] doubled(Device device, float value, int times) {
    float[] last = {};
    for (int i = 0; i < times; i++) {
      float[] values = new float[i == times - 1 ? 3 : 1 + i % 97 * 32];
      Arrays.fill(values, value);
      try (Tensor x = Tensor.allocate(device, Shape.of(values.length), DType.FP32);
          Tensor y = Ops.add(x.copyFrom(values), x)) {
        last = y.toFloats();
        for (float each : last) {
          if (each != 2 * value) {
            return last;
          }
        }
      }
    }
    return last;
  }

  @Test
  void closingTwiceAndUseAfterCloseAreErrors() {
    Device device = Device.cuda(0);
    Tensor x = Tensor.allocate(device, Shape.of(3), DType.FP32).copyFrom(new float[] {1, 2, 3});
    device.close();
    for (Executable use :
        List.<Executable>of(() -> Ops.relu(x), x::toFloats, device::synchronize)) {
      IllegalStateException e = assertThrows(IllegalStateException.class, use);
      assertEquals("the CUDA device is closed", e.getMessage());
    }
    IllegalStateException twice = assertThrows(IllegalStateException.class, device::close);
    assertEquals("the CUDA device is closed twice", twice.getMessage());
    x.close(); // which is no use of the device
  }

  /** An error that loses the context: told, then told again at each use; another may be opened. */
  @Test
  void aGpuThatDiedSaysSoAtEachUse() {
    Assumptions.assumeFalse(FakeCuda.real(), "a GPU cannot be made to fail");
    Device device = Device.cuda(0);
    Tensor x = Tensor.allocate(device, Shape.of(3), DType.FP32).copyFrom(new float[] {1, 2, 3});
    FakeDriver.fail("cuLaunchKernel", 1, 719);
    try {
      DeviceException first = assertThrows(DeviceException.class, () -> Ops.relu(x).toFloats());
      assertTrue(String.valueOf(first.getMessage()).contains("719"), first::getMessage);
      for (Executable use :
          List.<Executable>of(() -> Ops.relu(x), x::toFloats, device::synchronize)) {
        DeviceException e = assertThrows(DeviceException.class, use);
        assertTrue(
            String.valueOf(e.getMessage()).startsWith("the GPU is dead since an earlier error"),
            e::getMessage);
      }
      x.close();
      device.close();
    } finally {
      FakeDriver.reset();
    }
    try (Device again = Device.cuda(0);
        Tensor y = Tensor.allocate(again, Shape.of(1), DType.FP32)) {
      assertArrayEquals(new float[] {5}, y.copyFrom(new float[] {5}).toFloats());
    }
  }

  private static Devices.Library library(String name) {
    return Devices.libraries().stream()
        .filter(library -> library.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aGpuThatIsNotThereIsAnError() {
    DeviceException e = assertThrows(DeviceException.class, () -> Device.cuda(99));
    assertTrue(
        String.valueOf(e.getMessage()).startsWith("there is no GPU number 99"), e::getMessage);
  }
}
