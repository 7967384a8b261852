package dev.mezzo.backend.cuda;

import dev.mezzo.backend.cuda.ffi.CudaException;
import org.jspecify.annotations.Nullable;

/**
 * Starts kernels on a device's stream, by name, in order: a start may wait for others, which {@link
 * CommandQueue} collects. For the thread that uses the backend.
 *
 * <p>With {@code -Dmezzo.cuda.sync=true} each start waits for its kernel, so that an error names
 * it.
 */
final class Launcher {

  private static final boolean SYNCHRONOUS = Boolean.getBoolean("mezzo.cuda.sync");

  private final CudaDevice device;
  private final KernelModule module;

  Launcher(CudaDevice device, KernelModule module) {
    this.device = device;
    this.module = module;
  }

  /** Ten times the major and once the minor number of the GPU's compute capability. */
  int capability() {
    return device.capability();
  }

  /** Multiprocessors of the GPU: the measure of grids that stride. */
  int multiprocessors() {
    return device.multiprocessors();
  }

  /** Starts kernels later, just before the next one: {@link CommandQueue#putOff}. */
  void putOff(Runnable starts) {
    device.enter();
    device.commands().putOff(starts);
  }

  /** Starts a kernel; {@link Arguments} says what they may be. */
  void launch(String kernel, Grid grid, @Nullable Object... values) {
    device.enter();
    try {
      start(kernel, module.function(kernel, grid.sharedBytes()), grid, values);
    } catch (CudaException e) {
      throw device.failed(e, "kernel '" + kernel + "', " + grid);
    }
  }

  /** Starts a kernel of another module. */
  void launch(String kernel, long function, Grid grid, @Nullable Object... values) {
    device.enter();
    try {
      start(kernel, function, grid, values);
    } catch (CudaException e) {
      throw device.failed(e, "kernel '" + kernel + "', " + grid);
    }
  }

  private void start(String kernel, long function, Grid grid, @Nullable Object... values) {
    CommandQueue queue = device.commands();
    Arguments written = Arguments.write(queue.list().bytes(), queue.list().end(), values);
    queue.add(new Command.Kernel(kernel, function, grid, written.offsets(), written.end()));
    if (SYNCHRONOUS) {
      device.synchronize();
    }
  }
}
