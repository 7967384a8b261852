package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.DeviceException;
import dev.mezzo.backend.cuda.FakeCuda;
import dev.mezzo.types.Shape;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
        Tensor x = Tensor.allocate(device, Shape.of(3), dev.mezzo.types.DType.FP32);
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
    for (String name : java.util.List.of("cuDNN", "NCCL")) {
      Devices.Library missing = library(name);
      Assumptions.assumeFalse(missing.found(), "this machine has it");
      assertTrue(
          missing.description().startsWith(name + " was not found: "), missing.description());
      assertTrue(missing.description().contains("Install"), missing.description());
      assertTrue(missing.use().contains("not used yet"), missing.use());
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
