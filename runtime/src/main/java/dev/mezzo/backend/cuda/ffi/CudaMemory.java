package dev.mezzo.backend.cuda.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The CUDA driver: memory, of the GPU ({@code long} addresses) and pinned on the host. Each method
 * throws {@link CudaException} where the driver returns an error.
 */
public final class CudaMemory {

  /** {@code CUresult cuMemGetInfo_v2(size_t *free, size_t *total)}. */
  private static final DriverFunction INFO = DriverFunction.of("cuMemGetInfo_v2", ADDRESS, ADDRESS);

  /** {@code CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t bytes)}. */
  private static final DriverFunction ALLOCATE =
      DriverFunction.of("cuMemAlloc_v2", ADDRESS, JAVA_LONG);

  /** {@code CUresult cuMemFree_v2(CUdeviceptr address)}. */
  private static final DriverFunction FREE = DriverFunction.of("cuMemFree_v2", JAVA_LONG);

  /** {@code CUresult cuMemHostAlloc(void **address, size_t bytes, unsigned int flags)}. */
  private static final DriverFunction HOST_ALLOCATE =
      DriverFunction.of("cuMemHostAlloc", ADDRESS, JAVA_LONG, JAVA_INT);

  /** {@code CUresult cuMemFreeHost(void *address)}. */
  private static final DriverFunction HOST_FREE = DriverFunction.of("cuMemFreeHost", ADDRESS);

  /** {@code CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void *from, size_t, CUstream)}. */
  private static final DriverFunction UPLOAD =
      DriverFunction.of("cuMemcpyHtoDAsync_v2", JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG);

  /** {@code CUresult cuMemcpyDtoHAsync_v2(void *to, CUdeviceptr from, size_t, CUstream)}. */
  private static final DriverFunction DOWNLOAD =
      DriverFunction.of("cuMemcpyDtoHAsync_v2", ADDRESS, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  /** {@code CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t, CUstream)}. */
  private static final DriverFunction COPY =
      DriverFunction.of("cuMemcpyDtoDAsync_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private CudaMemory() {}

  /** Bytes that the current context's GPU has free. */
  public static long free() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(16);
      INFO.call(out, out.asSlice(8));
      return out.get(JAVA_LONG, 0);
    }
  }

  /** Memory of the GPU, 256-byte aligned. */
  public static long allocate(long bytes) {
    return CudaDriver.outLong(out -> ALLOCATE.call(out, bytes));
  }

  /** Frees memory of the GPU, when all streams have done what they were given. */
  public static void free(long address) {
    FREE.call(address);
  }

  /** Host memory that is not paged out, which copies overlap with kernels from. */
  @SuppressWarnings("restricted") // the driver says that the memory is there
  public static MemorySegment allocatePinned(long bytes) {
    return MemorySegment.ofAddress(CudaDriver.outLong(out -> HOST_ALLOCATE.call(out, bytes, 0)))
        .reinterpret(bytes);
  }

  /** Frees what {@link #allocatePinned} gave. */
  public static void freePinned(MemorySegment memory) {
    HOST_FREE.call(memory);
  }

  /** Copies all of {@code from}, native host memory, to the GPU; it is read until then. */
  public static void upload(MemorySegment from, long to, long stream) {
    UPLOAD.call(to, from, from.byteSize(), stream);
  }

  /** Copies to all of {@code to}, native host memory; it is written until then. */
  public static void download(long from, MemorySegment to, long stream) {
    DOWNLOAD.call(to, from, to.byteSize(), stream);
  }

  /** Copies within the GPU. */
  public static void copy(long from, long to, long bytes, long stream) {
    COPY.call(to, from, bytes, stream);
  }
}
