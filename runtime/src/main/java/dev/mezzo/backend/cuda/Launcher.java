package dev.mezzo.backend.cuda;

import dev.mezzo.backend.cuda.ffi.CudaException;
import dev.mezzo.backend.cuda.ffi.CudaModules;
import java.lang.foreign.Arena;
import org.jspecify.annotations.Nullable;

/**
 * Starts kernels on a device's stream, by name, in order. For the thread that uses the backend.
 *
 * <p>With {@code -Dmezzo.cuda.sync=true} each start waits for its kernel, so that an error names
 * it.
 */
final class Launcher {

  private static final boolean SYNCHRONOUS = Boolean.getBoolean("mezzo.cuda.sync");

  private final CudaDevice device;
  private final KernelModule module;
  private final Arguments arguments;
  private final int[] blocks = new int[3];
  private final int[] threads = {1, 1, 1};

  /**
   * @param arena keeps the memory of arguments
   */
  Launcher(CudaDevice device, KernelModule module, Arena arena) {
    this.device = device;
    this.module = module;
    this.arguments = new Arguments(arena);
  }

  /** Multiprocessors of the GPU: the measure of grids that stride. */
  int multiprocessors() {
    return device.multiprocessors();
  }

  /** Starts a kernel; {@link Arguments} says what they may be. */
  void launch(String kernel, Grid grid, @Nullable Object... values) {
    launch(module, kernel, grid, values);
  }

  /** Starts a kernel of a module of its own. */
  void launch(KernelModule from, String kernel, Grid grid, @Nullable Object... values) {
    device.enter();
    try {
      blocks[0] = grid.x();
      blocks[1] = grid.y();
      blocks[2] = grid.z();
      threads[0] = grid.threads();
      threads[1] = grid.threadsY();
      CudaModules.launch(
          from.function(kernel, grid.sharedBytes()),
          blocks,
          threads,
          grid.sharedBytes(),
          device.stream(),
          arguments.of(values));
      if (SYNCHRONOUS) {
        device.synchronize();
      }
    } catch (CudaException e) {
      throw device.failed(e, "kernel '" + kernel + "', " + grid);
    }
  }
}
