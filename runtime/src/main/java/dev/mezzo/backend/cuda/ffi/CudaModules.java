package dev.mezzo.backend.cuda.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The CUDA driver: modules of kernels, and their start. Each method throws {@link CudaException}
 * where the driver returns an error.
 */
public final class CudaModules {

  /** {@code CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES}. */
  private static final int DYNAMIC_SHARED_BYTES = 8;

  /**
   * {@code CUresult cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned int options,
   * CUjit_option *names, void **values)}.
   */
  private static final DriverFunction LOAD =
      DriverFunction.of("cuModuleLoadDataEx", ADDRESS, ADDRESS, JAVA_INT, ADDRESS, ADDRESS);

  /** {@code CUresult cuModuleUnload(CUmodule module)}. */
  private static final DriverFunction UNLOAD = DriverFunction.of("cuModuleUnload", JAVA_LONG);

  /** {@code CUresult cuModuleGetFunction(CUfunction *function, CUmodule, const char *name)}. */
  private static final DriverFunction FUNCTION =
      DriverFunction.of("cuModuleGetFunction", ADDRESS, JAVA_LONG, ADDRESS);

  /** {@code CUresult cuFuncSetAttribute(CUfunction, CUfunction_attribute what, int value)}. */
  private static final DriverFunction SET_ATTRIBUTE =
      DriverFunction.of("cuFuncSetAttribute", JAVA_LONG, JAVA_INT, JAVA_INT);

  /**
   * {@code CUresult cuLaunchKernel(CUfunction, unsigned int gridX, gridY, gridZ, blockX, blockY,
   * blockZ, sharedBytes, CUstream, void **arguments, void **extra)}.
   */
  private static final DriverFunction LAUNCH =
      DriverFunction.of(
          "cuLaunchKernel",
          JAVA_LONG,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_INT,
          JAVA_LONG,
          ADDRESS,
          ADDRESS);

  private CudaModules() {}

  /** Loads a fatbin, cubin or PTX (which ends with a zero byte) into the current context. */
  public static long load(byte[] image) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(image.length, 64);
      copy.copyFrom(MemorySegment.ofArray(image));
      return CudaDriver.outLong(
          out -> LOAD.call(out, copy, 0, MemorySegment.NULL, MemorySegment.NULL));
    }
  }

  /** Unloads a module; its functions are gone. */
  public static void unload(long module) {
    UNLOAD.call(module);
  }

  /** The kernel of a name. */
  public static long function(long module, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(name);
      return CudaDriver.outLong(out -> FUNCTION.call(out, module, text));
    }
  }

  /** Lets a kernel have up to {@code bytes} of dynamic shared memory, beyond 48 KiB. */
  public static void allowSharedBytes(long function, int bytes) {
    SET_ATTRIBUTE.call(function, DYNAMIC_SHARED_BYTES, bytes);
  }

  /**
   * Starts a kernel.
   *
   * @param grid blocks in x, y and z
   * @param block threads in x, y and z
   * @param arguments addresses of the arguments, each of its own size; read before this returns
   */
  public static void launch(
      long function,
      int[] grid,
      int[] block,
      int sharedBytes,
      long stream,
      MemorySegment arguments) {
    int code;
    try {
      code =
          (int)
              LAUNCH
                  .handle()
                  .invokeExact(
                      function,
                      grid[0],
                      grid[1],
                      grid[2],
                      block[0],
                      block[1],
                      block[2],
                      sharedBytes,
                      stream,
                      arguments,
                      MemorySegment.NULL);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) { // what invokeExact declares; native code throws nothing
      throw new IllegalStateException(e);
    }
    LAUNCH.check(
        code,
        function,
        grid[0],
        grid[1],
        grid[2],
        block[0],
        block[1],
        block[2],
        sharedBytes,
        stream);
  }
}
