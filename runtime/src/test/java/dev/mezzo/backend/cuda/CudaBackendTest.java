package dev.mezzo.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.mezzo.backend.DeviceException;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Memory, streams and errors, on the fake driver: it can be made to fail. */
class CudaBackendTest {

  private static final int OUT_OF_MEMORY = 2;
  private static final int ILLEGAL_ADDRESS = 700;

  @BeforeEach
  void fake() {
    assumeFalse(FakeCuda.real(), "a GPU cannot be made to fail");
    String missing = FakeCuda.install();
    Assumptions.assumeTrue(missing.isEmpty(), missing);
    FakeDriver.reset();
    FakeDriver.closeToHost();
  }

  @AfterEach
  void reset() {
    if (FakeCuda.install().isEmpty() && !FakeCuda.real()) {
      FakeDriver.reset();
    }
  }

  @Test
  void whatIsUploadedComesBack() {
    try (CudaBackend backend = new CudaBackend(0)) {
      for (int bytes : new int[] {0, 1, 255, (2 << 20) - 1, 9 << 20}) {
        byte[] values = new byte[bytes];
        new java.util.Random(bytes).nextBytes(values);
        MemorySegment memory = backend.allocate(bytes);
        backend.upload(MemorySegment.ofArray(values), memory);
        byte[] back = new byte[bytes];
        backend.download(memory, MemorySegment.ofArray(back));
        assertArrayEquals(values, back);
      }
      assertTrue(FakeDriver.intact());
    }
  }

  @Test
  void anUploadIsOverForTheHostWhenItReturns() {
    try (CudaBackend backend = new CudaBackend(0)) {
      byte[] values = {1, 2, 3};
      MemorySegment memory = backend.allocate(3);
      backend.upload(MemorySegment.ofArray(values), memory);
      values[0] = 9;
      byte[] back = new byte[3];
      backend.download(memory, MemorySegment.ofArray(back));
      assertArrayEquals(new byte[] {1, 2, 3}, back);
    }
  }

  @Test
  void memoryThatNobodyReachesIsUsedAgain() {
    try (CudaBackend backend = new CudaBackend(0)) {
      FakeDriver.limit(8 << 20);
      for (int i = 0; i < 64; i++) {
        assertEquals(1 << 20, backend.allocate(1 << 20).byteSize());
      }
    }
  }

  @Test
  void closingFreesItsMemory() {
    try (CudaBackend other = new CudaBackend(0)) { // which holds the context
      FakeDriver.limit(Staging.RING_BYTES + (12 << 20));
      for (int i = 0; i < 3; i++) {
        try (CudaBackend backend = new CudaBackend(0)) {
          assertEquals(6 << 20, backend.allocate(6 << 20).byteSize());
        }
      }
      assertEquals(64, other.allocate(64).byteSize());
    }
  }

  @Test
  void memoryThatIsOutIsSaid() {
    try (CudaBackend backend = new CudaBackend(0)) {
      FakeDriver.limit(8 << 20);
      MemorySegment kept = backend.allocate(5 << 20);
      OutOfMemoryError e = assertThrows(OutOfMemoryError.class, () -> backend.allocate(4 << 20));
      assertTrue(
          String.valueOf(e.getMessage()).contains("4,194,304 bytes asked for"), e::getMessage);
      assertTrue(String.valueOf(e.getMessage()).contains(" are held by Mezzo"), e::getMessage);
      backend.upload(MemorySegment.ofArray(new byte[16]), kept.asSlice(0, 16)); // it goes on
    }
  }

  @Test
  void aSingleRefusalIsOvercome() {
    try (CudaBackend backend = new CudaBackend(0)) {
      FakeDriver.fail("cuMemAlloc_v2", 1, OUT_OF_MEMORY);
      assertEquals(64, backend.allocate(64).byteSize());
    }
  }

  @Test
  void aDeadDeviceSaysWhatKilledIt() {
    CudaBackend backend = new CudaBackend(0);
    FakeDriver.fail("cuStreamSynchronize", 1, ILLEGAL_ADDRESS);
    DeviceException first = assertThrows(DeviceException.class, backend::synchronize);
    assertTrue(
        String.valueOf(first.getMessage()).contains("CUDA_ERROR_ILLEGAL_ADDRESS (700)"),
        first::getMessage);
    assertTrue(String.valueOf(first.getMessage()).contains("mezzo.cuda.sync"), first::getMessage);
    DeviceException later = assertThrows(DeviceException.class, () -> backend.allocate(64));
    assertTrue(
        String.valueOf(later.getMessage()).startsWith("the GPU is dead since"), later::getMessage);
    backend.close();
  }

  @Test
  void useAfterCloseAndASecondCloseAreErrors() {
    CudaBackend backend = new CudaBackend(0);
    MemorySegment memory = backend.allocate(64);
    backend.close();
    assertThrows(IllegalStateException.class, () -> backend.allocate(64));
    assertThrows(
        IllegalStateException.class,
        () -> backend.upload(MemorySegment.ofArray(new byte[64]), memory));
    assertThrows(IllegalStateException.class, backend::close);
  }

  @Test
  void aGpuThatIsNotThereIsAnError() {
    DeviceException e = assertThrows(DeviceException.class, () -> new CudaBackend(1));
    assertEquals("there is no GPU number 1: the driver shows 1, from 0 on", e.getMessage());
  }

  @Test
  void anyThreadMayUseIt() throws InterruptedException {
    try (CudaBackend backend = new CudaBackend(0)) {
      MemorySegment memory = backend.allocate(4);
      Thread other =
          new Thread(() -> backend.upload(MemorySegment.ofArray(new byte[] {4, 3, 2, 1}), memory));
      other.start();
      other.join();
      byte[] back = new byte[4];
      backend.download(memory, MemorySegment.ofArray(back));
      assertArrayEquals(new byte[] {4, 3, 2, 1}, back);
    }
  }
}
