package dev.mezzo.backend.cuda.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.mezzo.backend.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;

/**
 * cuBLASLt: matrix products on tensor cores. Handles are {@code long}. Each method throws {@link
 * DeviceException} where the library returns an error, but for {@link #matmul} and {@link
 * #heuristics}, whose callers try something else.
 *
 * @see <a href="https://docs.nvidia.com/cuda/cublas/#using-the-cublaslt-api">cuBLASLt</a>
 */
public final class CublasLt {

  /** {@code CUDA_R_32F}. */
  public static final int FP32 = 0;

  /** {@code CUDA_R_16F}. */
  public static final int FP16 = 2;

  /** {@code CUDA_R_16BF}. */
  public static final int BF16 = 14;

  /** {@code CUBLASLT_EPILOGUE_DEFAULT}. */
  public static final int EPILOGUE_NONE = 1;

  /** {@code CUBLASLT_EPILOGUE_BIAS}: one number for each row of the column-major result. */
  public static final int EPILOGUE_BIAS = 4;

  /** Bytes of {@code cublasLtMatmulAlgo_t}. */
  public static final long ALGORITHM_BYTES = 64;

  /** Bytes of {@code cublasLtMatmulHeuristicResult_t}: algorithm, workspace, state, waves. */
  private static final long RESULT_BYTES = 96;

  private static final long WORKSPACE_AT = 64;
  private static final long STATE_AT = 72;

  /** {@code CUBLAS_COMPUTE_32F}: FP32 sums; of FP32 operands, FP32 products and no TF32. */
  private static final int COMPUTE_FP32 = 68;

  /** {@code CUBLASLT_REDUCTION_SCHEME_NONE | COMPUTE_TYPE}: partial sums are FP32, too. */
  private static final int REDUCE_IN_FP32 = 2;

  private static final int DESC_TRANSPOSE_A = 3;
  private static final int DESC_TRANSPOSE_B = 4;
  private static final int DESC_EPILOGUE = 7;
  private static final int DESC_BIAS = 8;
  private static final int LAYOUT_BATCHES = 5;
  private static final int LAYOUT_STRIDE = 6;
  private static final int PREFERENCE_WORKSPACE = 1;
  private static final int PREFERENCE_REDUCTION = 3;
  private static final int PREFERENCE_ALIGNMENT_A = 5;

  private static final NativeLib LIBRARY =
      new NativeLib(
          "cuBLASLt",
          "Install CUDA's libcublas, or PyTorch's nvidia-cublas, and name its folder by "
              + NativeLib.VARIABLE,
          "libcublasLt.so.13",
          "libcublasLt.so.12");

  /** {@code size_t cublasLtGetVersion(void)}. */
  private static final NativeFunction VERSION =
      new NativeFunction(LIBRARY, FunctionDescriptor.of(JAVA_LONG), "cublasLtGetVersion");

  /** {@code cublasStatus_t cublasLtCreate(cublasLtHandle_t *handle)}. */
  private static final NativeFunction CREATE = function("cublasLtCreate", ADDRESS);

  /** {@code cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle)}. */
  private static final NativeFunction DESTROY = function("cublasLtDestroy", JAVA_LONG);

  /** {@code cublasStatus_t cublasLtMatmulDescCreate(desc *, computeType, scaleType)}. */
  private static final NativeFunction DESC_CREATE =
      function("cublasLtMatmulDescCreate", ADDRESS, JAVA_INT, JAVA_INT);

  /** {@code cublasStatus_t cublasLtMatmulDescSetAttribute(desc, attr, const void *, size_t)}. */
  private static final NativeFunction DESC_SET =
      function("cublasLtMatmulDescSetAttribute", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);

  /** {@code cublasStatus_t cublasLtMatmulDescDestroy(desc)}. */
  private static final NativeFunction DESC_DESTROY =
      function("cublasLtMatmulDescDestroy", JAVA_LONG);

  /** {@code cublasStatus_t cublasLtMatrixLayoutCreate(layout *, type, rows, cols, int64_t ld)}. */
  private static final NativeFunction LAYOUT_CREATE =
      function("cublasLtMatrixLayoutCreate", ADDRESS, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  /**
   * {@code cublasStatus_t cublasLtMatrixLayoutSetAttribute(layout, attr, const void *, size_t)}.
   */
  private static final NativeFunction LAYOUT_SET =
      function("cublasLtMatrixLayoutSetAttribute", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);

  /** {@code cublasStatus_t cublasLtMatrixLayoutDestroy(layout)}. */
  private static final NativeFunction LAYOUT_DESTROY =
      function("cublasLtMatrixLayoutDestroy", JAVA_LONG);

  /** {@code cublasStatus_t cublasLtMatmulPreferenceCreate(preference *)}. */
  private static final NativeFunction PREFERENCE_CREATE =
      function("cublasLtMatmulPreferenceCreate", ADDRESS);

  /**
   * {@code cublasStatus_t cublasLtMatmulPreferenceSetAttribute(pref, attr, const void *, size_t)}.
   */
  private static final NativeFunction PREFERENCE_SET =
      function("cublasLtMatmulPreferenceSetAttribute", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);

  /** {@code cublasStatus_t cublasLtMatmulPreferenceDestroy(preference)}. */
  private static final NativeFunction PREFERENCE_DESTROY =
      function("cublasLtMatmulPreferenceDestroy", JAVA_LONG);

  /**
   * {@code cublasStatus_t cublasLtMatmulAlgoGetHeuristic(handle, desc, A, B, C, D, preference, int
   * asked, result[], int *found)}.
   */
  private static final NativeFunction HEURISTIC =
      function(
          "cublasLtMatmulAlgoGetHeuristic",
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_INT,
          ADDRESS,
          ADDRESS);

  /**
   * {@code cublasStatus_t cublasLtMatmul(handle, desc, const void *alpha, A, layoutA, B, layoutB,
   * const void *beta, C, layoutC, D, layoutD, const algo *, workspace, size_t, cudaStream_t)}.
   */
  private static final NativeFunction MATMUL =
      function(
          "cublasLtMatmul",
          JAVA_LONG,
          JAVA_LONG,
          ADDRESS,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          ADDRESS,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG,
          ADDRESS,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_LONG);

  private CublasLt() {}

  /** Whether the library is there. Never throws. */
  public static NativeLib.Status library() {
    return LIBRARY.status();
  }

  /** As in {@code 13.1.0}. */
  public static String version() {
    return NativeLib.version((long) VERSION.call());
  }

  /** A handle of the current context's GPU. */
  public static long create() {
    return created(CREATE);
  }

  /** Destroys what {@link #create} made. */
  public static void destroy(long handle) {
    call(DESTROY, handle);
  }

  /**
   * How operands are taken; sums are FP32.
   *
   * @param epilogue {@link #EPILOGUE_NONE} or {@link #EPILOGUE_BIAS}
   */
  public static long description(boolean transposeA, boolean transposeB, int epilogue) {
    long description = created(DESC_CREATE, COMPUTE_FP32, FP32);
    set(DESC_SET, description, DESC_TRANSPOSE_A, transposeA ? 1 : 0);
    set(DESC_SET, description, DESC_TRANSPOSE_B, transposeB ? 1 : 0);
    set(DESC_SET, description, DESC_EPILOGUE, epilogue);
    return description;
  }

  /** Where the bias is, which is of the result's type. */
  public static void setBias(long description, long address) {
    set(DESC_SET, description, DESC_BIAS, address);
  }

  /** Destroys what {@link #description} made. */
  public static void destroyDescription(long description) {
    call(DESC_DESTROY, description);
  }

  /**
   * Column-major matrices.
   *
   * @param leading elements from a column to the next
   * @param batches how many of them
   * @param stride elements from one to the next
   */
  public static long layout(
      int type, long rows, long cols, long leading, int batches, long stride) {
    long layout = created(LAYOUT_CREATE, type, rows, cols, leading);
    set(LAYOUT_SET, layout, LAYOUT_BATCHES, batches);
    set(LAYOUT_SET, layout, LAYOUT_STRIDE, stride);
    return layout;
  }

  /** Destroys what {@link #layout} made. */
  public static void destroyLayout(long layout) {
    call(LAYOUT_DESTROY, layout);
  }

  /**
   * What an algorithm may need.
   *
   * @param workspace bytes
   * @param alignments bytes, of A, B, C and D
   */
  public static long preference(long workspace, int... alignments) {
    long preference = created(PREFERENCE_CREATE);
    set(PREFERENCE_SET, preference, PREFERENCE_WORKSPACE, workspace);
    set(PREFERENCE_SET, preference, PREFERENCE_REDUCTION, REDUCE_IN_FP32);
    for (int i = 0; i < alignments.length; i++) {
      set(PREFERENCE_SET, preference, PREFERENCE_ALIGNMENT_A + i, alignments[i]);
    }
    return preference;
  }

  /** Destroys what {@link #preference} made. */
  public static void destroyPreference(long preference) {
    call(PREFERENCE_DESTROY, preference);
  }

  /**
   * Up to {@code most} algorithms, the one that is expected to be fastest first; none where the
   * library does not do such a product.
   *
   * @param layouts of A, B, C and D
   */
  public static Algorithm[] heuristics(
      long handle, long description, long[] layouts, long preference, int most) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment results = arena.allocate(most * RESULT_BYTES, 8);
      MemorySegment found = arena.allocate(JAVA_INT);
      int code =
          (int)
              HEURISTIC.call(
                  handle,
                  description,
                  layouts[0],
                  layouts[1],
                  layouts[2],
                  layouts[3],
                  preference,
                  most,
                  results,
                  found);
      int count = code == 0 ? found.get(JAVA_INT, 0) : 0;
      return java.util.stream.IntStream.range(0, count)
          .mapToObj(i -> results.asSlice(i * RESULT_BYTES, RESULT_BYTES))
          .filter(result -> result.get(JAVA_INT, STATE_AT) == 0)
          .map(CublasLt::algorithm)
          .toArray(Algorithm[]::new);
    }
  }

  /**
   * D = alpha·A·B + beta·C, and the epilogue; C and D may be the same.
   *
   * @param numbers alpha and beta, FP32, on the host
   * @param operands addresses of A, B, C and D
   * @param layouts theirs
   * @return {@code cublasStatus_t}: 0 where it was started
   */
  public static int matmul(
      long handle,
      long description,
      MemorySegment numbers,
      long[] operands,
      long[] layouts,
      Algorithm algorithm,
      long workspace,
      long stream) {
    return (int)
        MATMUL.call(
            handle,
            description,
            numbers,
            operands[0],
            layouts[0],
            operands[1],
            layouts[1],
            numbers.asSlice(Float.BYTES),
            operands[2],
            layouts[2],
            operands[3],
            layouts[3],
            algorithm.algorithm(),
            workspace,
            algorithm.workspace(),
            stream);
  }

  private static Algorithm algorithm(MemorySegment result) {
    MemorySegment kept = Arena.ofAuto().allocate(ALGORITHM_BYTES, 8);
    kept.copyFrom(result.asSlice(0, ALGORITHM_BYTES));
    return new Algorithm(kept, result.get(JAVA_LONG, WORKSPACE_AT));
  }

  private static NativeFunction function(String name, MemoryLayout... arguments) {
    return new NativeFunction(LIBRARY, FunctionDescriptor.of(JAVA_INT, arguments), name);
  }

  private static long created(NativeFunction function, Object... more) {
    return CudaDriver.outLong(
        out -> {
          Object[] arguments = new Object[more.length + 1];
          arguments[0] = out;
          System.arraycopy(more, 0, arguments, 1, more.length);
          call(function, arguments);
        });
  }

  private static void set(NativeFunction function, long object, int attribute, Number value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment data = arena.allocate(JAVA_LONG);
      boolean wide = value instanceof Long;
      if (wide) {
        data.set(JAVA_LONG, 0, value.longValue());
      } else {
        data.set(JAVA_INT, 0, value.intValue());
      }
      call(function, object, attribute, data, wide ? 8L : 4L);
    }
  }

  private static void call(NativeFunction function, Object... arguments) {
    int code = (int) function.call(arguments);
    if (code != 0) {
      throw new DeviceException(
          "%s failed: %s (%d)".formatted(function.describe(arguments), status(code), code));
    }
  }

  private static String status(int code) {
    return switch (code) {
      case 1 -> "CUBLAS_STATUS_NOT_INITIALIZED: is the GPU's memory full?";
      case 3 -> "CUBLAS_STATUS_ALLOC_FAILED";
      case 7 -> "CUBLAS_STATUS_INVALID_VALUE";
      case 8 -> "CUBLAS_STATUS_ARCH_MISMATCH: the GPU is too old for this cuBLASLt";
      case 13 -> "CUBLAS_STATUS_EXECUTION_FAILED";
      case 15 -> "CUBLAS_STATUS_NOT_SUPPORTED";
      default -> "an error of cuBLASLt";
    };
  }

  /**
   * How a product is computed.
   *
   * @param algorithm {@code cublasLtMatmulAlgo_t}
   * @param workspace bytes that it needs
   */
  public record Algorithm(MemorySegment algorithm, long workspace) {}
}
