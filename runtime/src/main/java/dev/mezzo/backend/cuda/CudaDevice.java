package dev.mezzo.backend.cuda;

import dev.mezzo.backend.DeviceException;
import dev.mezzo.backend.cuda.ffi.CudaDriver;
import dev.mezzo.backend.cuda.ffi.CudaException;
import org.jspecify.annotations.Nullable;

/**
 * One GPU while a backend uses it: its primary context and a stream. A context is current to a
 * thread, so {@link #enter} comes before each use of the driver.
 *
 * <p>An error that loses the context ("sticky") leaves the device dead: each later use says what
 * killed it.
 */
final class CudaDevice implements AutoCloseable {

  private final int device;
  private final String name;
  private final int multiprocessors;
  private final int capability;
  private final long context;
  private final long stream;
  private @Nullable DeviceException death;
  private final CommandQueue commands;
  private boolean closed;

  private CudaDevice(int device, long context, long stream) {
    this.device = device;
    this.context = context;
    this.stream = stream;
    this.commands = new CommandQueue(stream);
    this.name = CudaDriver.deviceName(device);
    this.multiprocessors = CudaDriver.deviceAttribute(device, CudaDriver.MULTIPROCESSORS);
    this.capability =
        10 * CudaDriver.deviceAttribute(device, CudaDriver.CAPABILITY_MAJOR)
            + CudaDriver.deviceAttribute(device, CudaDriver.CAPABILITY_MINOR);
  }

  /**
   * The {@code ordinal}th GPU.
   *
   * @throws DeviceException if there is no driver, or no such GPU
   */
  static CudaDevice open(int ordinal) {
    CudaDriver.init();
    int count = CudaDriver.deviceCount();
    if (ordinal < 0 || ordinal >= count) {
      throw new DeviceException(
          "there is no GPU number %d: the driver shows %d, from 0 on".formatted(ordinal, count));
    }
    int device = CudaDriver.device(ordinal);
    long context = CudaDriver.retainPrimaryContext(device);
    try {
      CudaDriver.setCurrent(context);
      return new CudaDevice(device, context, CudaDriver.createStream());
    } catch (RuntimeException | Error e) {
      CudaDriver.releasePrimaryContext(device);
      throw e;
    }
  }

  /** Makes the context this thread's current one. */
  void enter() {
    if (death != null) {
      DeviceException again =
          new DeviceException("the GPU is dead since an earlier error: " + death.getMessage());
      again.initCause(death);
      throw again;
    }
    if (closed) {
      throw new IllegalStateException("the CUDA device is closed");
    }
    CudaDriver.setCurrent(context);
  }

  /** The stream, after all commands that it is to be given. */
  long stream() {
    try {
      commands.flush();
    } catch (CudaException e) {
      throw failed(e, "the stream");
    }
    return stream;
  }

  /** What the stream is to be given. */
  CommandQueue commands() {
    return commands;
  }

  int multiprocessors() {
    return multiprocessors;
  }

  /** Ten times the major and once the minor number of the compute capability: 90 for 9.0. */
  int capability() {
    return capability;
  }

  /** Whether an error lost the context. */
  boolean isDead() {
    return death != null;
  }

  boolean isClosed() {
    return closed;
  }

  /** Waits for all that the stream was given. */
  void synchronize() {
    enter();
    try {
      CudaDriver.synchronizeStream(stream());
    } catch (CudaException e) {
      throw failed(e, "an earlier kernel");
    }
  }

  /** What to throw: the error, with what was under way; a sticky one is the device's death. */
  DeviceException failed(CudaException error, String what) {
    DeviceException named = new DeviceException(what + ": " + error.getMessage());
    named.initCause(error);
    if (error.isSticky()) {
      death = named;
    }
    return named;
  }

  /** Ends the stream and gives up the context; not twice. */
  @Override
  public void close() {
    if (closed) {
      throw new IllegalStateException("the CUDA device is closed twice");
    }
    closed = true;
    if (death == null) { // else the driver refuses all, and the context goes with the process
      CudaDriver.setCurrent(context);
      commands.close();
      CudaDriver.destroyStream(stream);
      CudaDriver.releasePrimaryContext(device);
    }
  }

  /** As in {@code NVIDIA H100 80GB HBM3 (compute capability 9.0, 132 multiprocessors)}. */
  @Override
  public String toString() {
    return "%s (compute capability %d.%d, %d multiprocessors)"
        .formatted(name, capability / 10, capability % 10, multiprocessors);
  }
}
