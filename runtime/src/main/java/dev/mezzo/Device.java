package dev.mezzo;

import dev.mezzo.backend.Backend;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Where tensors live and operations run: a backend, and the pool of its memory. Threads may share a
 * device: its kernels run one at a time, whoever calls them.
 *
 * <p>System properties, read when a device is made: {@code mezzo.backend} ({@code scalar} or {@code
 * vector}; by default the fastest that is available) and {@code mezzo.threads} (by default the
 * number of processors).
 */
public final class Device implements AutoCloseable {

  /** The most threads that a device of the processor may be asked for. */
  public static final int MOST_THREADS = 9999;

  private static final Map<Integer, Device> GPUS = new HashMap<>();
  private static @Nullable Device cpu;
  private static @Nullable Device current;

  private final Backend backend;
  private final MemoryPool pool;
  private final Memory memory = new Memory();
  private final ReentrantLock watching = new ReentrantLock();
  private volatile @Nullable Backend watched;

  private Device(Backend backend) {
    this.backend = SerialBackend.of(backend);
    this.pool = new MemoryPool(this.backend, memory);
  }

  /** The processor, made at the first call. */
  public static Device cpu() {
    return cpu("");
  }

  private static synchronized Device cpu(String note) {
    if (cpu == null) {
      cpu = new Device(Backends.choose(Backends.threads(), note));
    }
    return cpu;
  }

  /**
   * The processor, with a number of threads; a device of its own at each call.
   *
   * @param threads from 1 to {@value #MOST_THREADS}
   * @throws IllegalArgumentException if there are fewer or more
   */
  public static Device cpu(int threads) {
    return new Device(Backends.choose(threads, ""));
  }

  /**
   * A GPU, through CUDA; the same at each call until it is closed.
   *
   * @param ordinal its number, from 0 on, as {@link Devices#list} shows
   * @throws dev.mezzo.backend.DeviceException if there is no driver or no such GPU; the message
   *     says what was looked for, where, and the cure
   */
  public static Device cuda(int ordinal) {
    synchronized (GPUS) {
      return GPUS.computeIfAbsent(ordinal, number -> new Device(Backends.cuda(number)));
    }
  }

  /**
   * The first GPU if there is one, else the processor; in that case the line that says what Mezzo
   * runs on says why.
   */
  public static Device best() {
    String problem = Backends.cudaProblem();
    return problem.isEmpty() ? cuda(0) : cpu("; no GPU: " + problem);
  }

  /** A device on a given backend, which {@link #close} closes. */
  public static Device of(Backend backend) {
    return new Device(backend);
  }

  /**
   * The device of tensors that are made without naming one: {@link #cpu()} unless {@link
   * #setDefault} was called.
   */
  public static synchronized Device current() {
    return current == null ? cpu() : current;
  }

  /** Makes {@code device} the one of tensors that are made without naming one. */
  public static synchronized void setDefault(Device device) {
    current = device;
  }

  /** The kernels. */
  public Backend backend() {
    Backend looked = watched;
    return looked == null ? backend : looked;
  }

  /** Runs {@code work} on this thread, and tells {@code listener} of each of its kernels. */
  void watch(KernelListener listener, Runnable work) {
    watching.lock();
    try {
      watched = WatchedBackend.of(backend, listener);
      work.run();
    } finally {
      watched = null;
      watching.unlock();
    }
  }

  /** What this device's tensors hold. */
  public Memory memory() {
    return memory;
  }

  MemoryPool pool() {
    return pool;
  }

  /** Waits until all operations have finished. */
  public void synchronize() {
    backend.synchronize();
  }

  /**
   * Ends the backend's threads. The memory of its tensors stays valid; operations on them do not.
   */
  @Override
  public void close() {
    synchronized (GPUS) {
      GPUS.values().remove(this);
    }
    pool.trim();
    backend.close();
  }

  /** As in {@code vector (16 lanes), 2 threads}. */
  @Override
  public String toString() {
    return backend.description();
  }
}
