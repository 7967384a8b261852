package dev.mezzo.backend.cuda.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * The CUDA driver: devices, contexts, streams. Handles are {@code long}. Each method throws {@link
 * CudaException} where the driver returns an error.
 *
 * @see <a href="https://docs.nvidia.com/cuda/cuda-driver-api/">CUDA Driver API</a>
 */
public final class CudaDriver {

  /** {@code CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT}. */
  public static final int MULTIPROCESSORS = 16;

  /** {@code CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR}. */
  public static final int CAPABILITY_MAJOR = 75;

  /** {@code CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR}. */
  public static final int CAPABILITY_MINOR = 76;

  private static final int LONGEST_NAME = 256;

  /** {@code CU_EVENT_DISABLE_TIMING}. */
  private static final int NO_TIME = 2;

  /** {@code CU_STREAM_NON_BLOCKING}: does not wait for the legacy default stream. */
  private static final int NON_BLOCKING = 1;

  /** {@code CUresult cuInit(unsigned int flags)}. */
  private static final DriverFunction INIT = DriverFunction.of("cuInit", JAVA_INT);

  /** {@code CUresult cuDriverGetVersion(int *version)}. */
  private static final DriverFunction VERSION = DriverFunction.of("cuDriverGetVersion", ADDRESS);

  /** {@code CUresult cuDeviceGetCount(int *count)}. */
  private static final DriverFunction DEVICE_COUNT = DriverFunction.of("cuDeviceGetCount", ADDRESS);

  /** {@code CUresult cuDeviceGet(CUdevice *device, int ordinal)}. */
  private static final DriverFunction DEVICE = DriverFunction.of("cuDeviceGet", ADDRESS, JAVA_INT);

  /** {@code CUresult cuDeviceGetName(char *name, int length, CUdevice device)}. */
  private static final DriverFunction DEVICE_NAME =
      DriverFunction.of("cuDeviceGetName", ADDRESS, JAVA_INT, JAVA_INT);

  /** {@code CUresult cuDeviceTotalMem_v2(size_t *bytes, CUdevice device)}. */
  private static final DriverFunction DEVICE_MEMORY =
      DriverFunction.of("cuDeviceTotalMem_v2", ADDRESS, JAVA_INT);

  /**
   * {@code CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute what, CUdevice device)}.
   */
  private static final DriverFunction DEVICE_ATTRIBUTE =
      DriverFunction.of("cuDeviceGetAttribute", ADDRESS, JAVA_INT, JAVA_INT);

  /** {@code CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device)}. */
  private static final DriverFunction CONTEXT_RETAIN =
      DriverFunction.of("cuDevicePrimaryCtxRetain", ADDRESS, JAVA_INT);

  /** {@code CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device)}. */
  private static final DriverFunction CONTEXT_RELEASE =
      DriverFunction.of("cuDevicePrimaryCtxRelease_v2", JAVA_INT);

  /** {@code CUresult cuCtxSetCurrent(CUcontext context)}. */
  private static final DriverFunction CONTEXT_SET = DriverFunction.of("cuCtxSetCurrent", JAVA_LONG);

  /** {@code CUresult cuStreamCreate(CUstream *stream, unsigned int flags)}. */
  private static final DriverFunction STREAM_CREATE =
      DriverFunction.of("cuStreamCreate", ADDRESS, JAVA_INT);

  /** {@code CUresult cuStreamSynchronize(CUstream stream)}. */
  private static final DriverFunction STREAM_SYNCHRONIZE =
      DriverFunction.of("cuStreamSynchronize", JAVA_LONG);

  /** {@code CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned int flags)}. */
  private static final DriverFunction STREAM_WAIT =
      DriverFunction.of("cuStreamWaitEvent", JAVA_LONG, JAVA_LONG, JAVA_INT);

  /** {@code CUresult cuStreamDestroy_v2(CUstream stream)}. */
  private static final DriverFunction STREAM_DESTROY =
      DriverFunction.of("cuStreamDestroy_v2", JAVA_LONG);

  /** {@code CUresult cuEventCreate(CUevent *event, unsigned int flags)}. */
  private static final DriverFunction EVENT_CREATE =
      DriverFunction.of("cuEventCreate", ADDRESS, JAVA_INT);

  /** {@code CUresult cuEventRecord(CUevent event, CUstream stream)}. */
  private static final DriverFunction EVENT_RECORD =
      DriverFunction.of("cuEventRecord", JAVA_LONG, JAVA_LONG);

  /** {@code CUresult cuEventSynchronize(CUevent event)}. */
  private static final DriverFunction EVENT_SYNCHRONIZE =
      DriverFunction.of("cuEventSynchronize", JAVA_LONG);

  /** {@code CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end)}. */
  private static final DriverFunction EVENT_ELAPSED =
      DriverFunction.of("cuEventElapsedTime", ADDRESS, JAVA_LONG, JAVA_LONG);

  /** {@code CUresult cuEventDestroy_v2(CUevent event)}. */
  private static final DriverFunction EVENT_DESTROY =
      DriverFunction.of("cuEventDestroy_v2", JAVA_LONG);

  private CudaDriver() {}

  /** Whether the driver's library is there. Never throws. */
  public static NativeLib.Status library() {
    return DriverFunction.LIBRARY.status();
  }

  /** Must be called once before all others; more do no harm. */
  public static void init() {
    INIT.call(0);
  }

  /** The newest CUDA that the driver supports, as in 13000 for 13.0. */
  public static int version() {
    return outInt(VERSION::call);
  }

  /** How many GPUs the driver shows. */
  public static int deviceCount() {
    return outInt(DEVICE_COUNT::call);
  }

  /** The handle of the {@code ordinal}th GPU. */
  public static int device(int ordinal) {
    return outInt(out -> DEVICE.call(out, ordinal));
  }

  /** As in {@code NVIDIA H100 80GB HBM3}. */
  public static String deviceName(int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(LONGEST_NAME);
      DEVICE_NAME.call(name, LONGEST_NAME, device);
      return name.getString(0);
    }
  }

  /** Bytes of the GPU's memory. */
  public static long deviceMemory(int device) {
    return outLong(out -> DEVICE_MEMORY.call(out, device));
  }

  /** One of {@code CUdevice_attribute}. */
  public static int deviceAttribute(int device, int attribute) {
    return outInt(out -> DEVICE_ATTRIBUTE.call(out, attribute, device));
  }

  /** The primary context of a GPU, which other libraries in the process share. */
  public static long retainPrimaryContext(int device) {
    return outLong(out -> CONTEXT_RETAIN.call(out, device));
  }

  /** Gives up what {@link #retainPrimaryContext} took. */
  public static void releasePrimaryContext(int device) {
    CONTEXT_RELEASE.call(device);
  }

  /** Makes a context this thread's current one. */
  public static void setCurrent(long context) {
    CONTEXT_SET.call(context);
  }

  /** A stream of the current context. */
  public static long createStream() {
    return outLong(out -> STREAM_CREATE.call(out, NON_BLOCKING));
  }

  /** Waits until a stream has done all it was given. */
  public static void synchronizeStream(long stream) {
    STREAM_SYNCHRONIZE.call(stream);
  }

  /** Lets a stream wait, before it goes on, for an event that was recorded. */
  public static void waitFor(long event, long stream) {
    STREAM_WAIT.call(stream, event, 0);
  }

  /** Destroys a stream, which first does what it was given. */
  public static void destroyStream(long stream) {
    STREAM_DESTROY.call(stream);
  }

  /** An event of the current context, which takes times. */
  public static long createEvent() {
    return outLong(out -> EVENT_CREATE.call(out, 0));
  }

  /** An event of the current context that takes no times. */
  public static long createMark() {
    return outLong(out -> EVENT_CREATE.call(out, NO_TIME));
  }

  /** Lets an event happen when a stream has done all it was given. */
  public static void record(long event, long stream) {
    EVENT_RECORD.call(event, stream);
  }

  /** Waits for an event. */
  public static void synchronizeEvent(long event) {
    EVENT_SYNCHRONIZE.call(event);
  }

  /** Milliseconds between two events that have happened. */
  public static float elapsed(long start, long end) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(4);
      EVENT_ELAPSED.call(out, start, end);
      return out.get(java.lang.foreign.ValueLayout.JAVA_FLOAT, 0);
    }
  }

  /** Destroys an event. */
  public static void destroyEvent(long event) {
    EVENT_DESTROY.call(event);
  }

  static int outInt(Consumer<MemorySegment> call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      call.accept(out);
      return out.get(JAVA_INT, 0);
    }
  }

  static long outLong(Consumer<MemorySegment> call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      call.accept(out);
      return out.get(JAVA_LONG, 0);
    }
  }
}
