package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.cuda.ffi.CublasLt;
import dev.mezzo.types.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products by cuBLASLt: {@code c = epilogue(a·b)} with FP32 sums. The library's matrices are
 * column-major: ours, read so, are their transposes, and {@code cᵀ = bᵀ·aᵀ} is a product of the
 * same memory with the operands swapped.
 *
 * <p>The library adds a bias of c's type. It has activations, too, but not ours: its ReLU need not
 * keep NaN, its GELU is another formula. Where there is an activation, or c or the bias is of
 * another type, the product is FP32, in memory of its own, and {@code finishProduct} does the rest
 * in one pass with one rounding.
 */
final class LtProducts implements AutoCloseable {

  private static final int HOPPER = 90;
  private static final long WORKSPACE_OF_HOPPER = 32L << 20;
  private static final long WORKSPACE = 4L << 20;

  private final CudaDevice device;
  private final Kernels kernels;
  private final Workspace wide;
  private final LtTuning tuning;
  private final long handle;
  private final MemorySegment storing;
  private final MemorySegment adding;
  private final Map<LtProduct, LtPlan> plans = new HashMap<>();

  /**
   * @param memory of the GPU
   */
  LtProducts(CudaDevice device, Kernels kernels, DeviceMemory memory) {
    this.device = device;
    this.kernels = kernels;
    this.wide = new Workspace(memory::allocate);
    this.handle = CublasLt.create();
    long bytes = device.capability() >= HOPPER ? WORKSPACE_OF_HOPPER : WORKSPACE;
    this.tuning = new LtTuning(device, memory, handle, memory.allocate(bytes));
    Arena arena = Arena.ofAuto();
    this.storing = arena.allocateFrom(java.lang.foreign.ValueLayout.JAVA_FLOAT, 1, 0);
    this.adding = arena.allocateFrom(java.lang.foreign.ValueLayout.JAVA_FLOAT, 1, 1);
  }

  /** Starts the product. Returns false, and does nothing, if the library does not do it. */
  boolean gemm(GemmShape shape, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    if (shape.m() == 0 || shape.n() == 0) {
      return true;
    }
    DType type = a.operand().dtype();
    if (type != b.operand().dtype() || shape.k() == 0) {
      return false;
    }
    if (isDirect(type, c.operand().dtype(), epilogue)) {
      return run(shape, a, b, c, epilogue);
    }
    long size = (long) shape.m() * shape.n();
    Operand sums = new Operand(wide.take(size * Float.BYTES), DType.FP32, size);
    if (!run(shape, a, b, new Matrix(sums, false, shape.n()), Epilogue.NONE)) {
      return false;
    }
    kernels.eights(
        "finishProduct",
        size,
        sums,
        c.operand(),
        (long) shape.m(),
        (long) shape.n(),
        (long) c.stride(),
        Products.struct(epilogue));
    return true;
  }

  @Override
  public void close() {
    plans.values().forEach(LtPlan::close);
    plans.clear();
    CublasLt.destroy(handle);
  }

  private static boolean isDirect(DType type, DType result, Epilogue epilogue) {
    Operand bias = epilogue.bias();
    return epilogue.activation() == null
        && (result == type || result == DType.FP32)
        && (bias == null || bias.dtype() == result);
  }

  private boolean run(GemmShape shape, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    Operand bias = epilogue.bias();
    LtProduct product = LtProduct.of(shape, b, a, c, epilogue);
    long[] operands = {address(b), address(a), address(c), address(c)};
    device.enter();
    LtPlan plan = plans.get(product);
    MemorySegment numbers = epilogue.accumulate() ? adding : storing;
    if (plan == null) {
      plan = LtPlan.of(product);
      plan.setBias(bias);
      plan = tuning.tune(plan, product, numbers, operands);
      plans.put(product, plan);
    }
    CublasLt.@Nullable Algorithm algorithm = plan.algorithm();
    if (algorithm == null) {
      return false;
    }
    plan.setBias(bias);
    int code =
        CublasLt.matmul(
            handle,
            plan.description(),
            numbers,
            operands,
            plan.layouts(),
            algorithm,
            tuning.workspace(),
            device.stream());
    if (code != 0) {
      throw new dev.mezzo.backend.DeviceException(
          "cublasLtMatmul failed with status " + code + ": " + product);
    }
    return true;
  }

  private static long address(Matrix matrix) {
    return matrix.operand().data().address();
  }
}
