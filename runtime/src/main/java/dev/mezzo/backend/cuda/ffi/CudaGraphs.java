package dev.mezzo.backend.cuda.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The CUDA driver: graphs, which are recorded from a stream and started by one call. Each method
 * throws {@link CudaException} where the driver returns an error.
 */
public final class CudaGraphs {

  /** {@code CU_STREAM_CAPTURE_MODE_THREAD_LOCAL}. */
  private static final int THREAD_LOCAL = 1;

  /** Bytes of {@code CUDA_KERNEL_NODE_PARAMS_v2}. */
  private static final long NODE_BYTES = 72;

  private static final long NODE_GRID = 8;
  private static final long NODE_BLOCK = 20;
  private static final long NODE_SHARED = 32;
  private static final long NODE_ARGUMENTS = 40;

  /** {@code CUresult cuStreamBeginCapture_v2(CUstream, CUstreamCaptureMode mode)}. */
  private static final DriverFunction BEGIN =
      DriverFunction.of("cuStreamBeginCapture_v2", JAVA_LONG, JAVA_INT);

  /** {@code CUresult cuStreamEndCapture(CUstream, CUgraph *graph)}. */
  private static final DriverFunction END =
      DriverFunction.of("cuStreamEndCapture", JAVA_LONG, ADDRESS);

  /**
   * {@code CUresult cuStreamGetCaptureInfo_v2(CUstream, CUstreamCaptureStatus *, cuuint64_t *id,
   * CUgraph *, const CUgraphNode **dependencies, size_t *count)}.
   */
  private static final DriverFunction INFO =
      DriverFunction.of(
          "cuStreamGetCaptureInfo_v2", JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);

  /** {@code CUresult cuGraphInstantiateWithFlags(CUgraphExec *, CUgraph, unsigned long long)}. */
  private static final DriverFunction INSTANTIATE =
      DriverFunction.of("cuGraphInstantiateWithFlags", ADDRESS, JAVA_LONG, JAVA_LONG);

  /**
   * {@code CUresult cuGraphExecKernelNodeSetParams_v2(CUgraphExec, CUgraphNode, const
   * CUDA_KERNEL_NODE_PARAMS *)}.
   */
  private static final DriverFunction SET_KERNEL =
      DriverFunction.of("cuGraphExecKernelNodeSetParams_v2", JAVA_LONG, JAVA_LONG, ADDRESS);

  /** {@code CUresult cuGraphLaunch(CUgraphExec, CUstream)}. */
  private static final DriverFunction LAUNCH =
      DriverFunction.of("cuGraphLaunch", JAVA_LONG, JAVA_LONG);

  /** {@code CUresult cuGraphDestroy(CUgraph)}. */
  private static final DriverFunction DESTROY = DriverFunction.of("cuGraphDestroy", JAVA_LONG);

  /** {@code CUresult cuGraphExecDestroy(CUgraphExec)}. */
  private static final DriverFunction DESTROY_EXECUTABLE =
      DriverFunction.of("cuGraphExecDestroy", JAVA_LONG);

  private CudaGraphs() {}

  /** From now on what the stream is given is recorded, not done. */
  public static void beginCapture(long stream) {
    BEGIN.call(stream, THREAD_LOCAL);
  }

  /** The graph of what was recorded. */
  public static long endCapture(long stream) {
    return CudaDriver.outLong(out -> END.call(stream, out));
  }

  /** The node that was recorded last; the stream was given nothing else. */
  @SuppressWarnings("restricted") // an array of the driver's
  public static long lastNode(long stream) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS, 5);
      INFO.call(stream, out, out.asSlice(8), out.asSlice(16), out.asSlice(24), out.asSlice(32));
      long count = out.get(JAVA_LONG, 32);
      if (count != 1) {
        throw new IllegalStateException("a capture with " + count + " ends");
      }
      return out.get(ADDRESS, 24).reinterpret(Long.BYTES).get(JAVA_LONG, 0);
    }
  }

  /** What {@link #launch} starts. */
  public static long instantiate(long graph) {
    return CudaDriver.outLong(out -> INSTANTIATE.call(out, graph, 0L));
  }

  /**
   * Gives a kernel of a graph other arguments.
   *
   * @param arguments addresses of the arguments; read before this returns
   */
  public static void setKernel(
      long executable,
      long node,
      long function,
      int[] grid,
      int[] block,
      int sharedBytes,
      MemorySegment arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment parameters = arena.allocate(NODE_BYTES, Long.BYTES);
      parameters.set(JAVA_LONG, 0, function);
      for (int i = 0; i < 3; i++) {
        parameters.set(JAVA_INT, NODE_GRID + 4L * i, grid[i]);
        parameters.set(JAVA_INT, NODE_BLOCK + 4L * i, block[i]);
      }
      parameters.set(JAVA_INT, NODE_SHARED, sharedBytes);
      parameters.set(ADDRESS, NODE_ARGUMENTS, arguments);
      SET_KERNEL.call(executable, node, parameters);
    }
  }

  /** Starts all of a graph. */
  public static void launch(long executable, long stream) {
    LAUNCH.call(executable, stream);
  }

  /** Destroys a graph; what was instantiated from it stays. */
  public static void destroy(long graph) {
    DESTROY.call(graph);
  }

  /** Destroys what {@link #instantiate} made, when it has run. */
  public static void destroyExecutable(long executable) {
    DESTROY_EXECUTABLE.call(executable);
  }
}
