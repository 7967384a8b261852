package dev.mezzo.backend.cuda;

import dev.mezzo.backend.DeviceException;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmBatch;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.cuda.ffi.CublasLt;
import dev.mezzo.backend.cuda.ffi.CudaException;
import dev.mezzo.types.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

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
  boolean gemm(GemmShape shape, GemmBatch batch, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    if (shape.m() == 0 || shape.n() == 0 || batch.count() == 0) {
      return true;
    }
    DType type = a.operand().dtype();
    if (type != b.operand().dtype() || shape.k() == 0) {
      return false;
    }
    if (isDirect(type, c.operand().dtype(), epilogue)) {
      return run(shape, batch, a, b, c, epilogue);
    }
    long one = (long) shape.m() * shape.n();
    long size = one * batch.count();
    Operand sums = new Operand(wide.take(size * Float.BYTES), DType.FP32, size);
    GemmBatch wider = new GemmBatch(batch.count(), batch.a(), batch.b(), one);
    if (!run(shape, wider, a, b, new Matrix(sums, false, shape.n()), Epilogue.NONE)) {
      return false;
    }
    kernels.eights(
        "finishProduct",
        size,
        sums,
        c.operand(),
        (long) shape.m() * batch.count(), // the results of a batch are one behind the other
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

  private boolean run(
      GemmShape shape, GemmBatch batch, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    Operand bias = epilogue.bias();
    GemmBatch swapped = new GemmBatch(batch.count(), batch.b(), batch.a(), batch.c());
    LtProduct product = LtProduct.of(shape, swapped, b, a, c, epilogue);
    long[] operands = {address(b), address(a), address(c), address(c)};
    device.enter();
    LtPlan plan = plans.get(product);
    if (plan == null) {
      plan = LtPlan.of(product);
      if (bias != null) {
        CublasLt.setBias(plan.description(), bias.data().address());
      }
      MemorySegment numbers = epilogue.accumulate() ? adding : storing;
      plan = tuning.tune(plan, product, numbers, operands);
      plans.put(product, plan);
    }
    if (plan.algorithm() == null) {
      return false;
    }
    CommandQueue queue = device.commands();
    long biased = bias == null ? 0 : bias.data().address();
    try {
      queue.add(new Command.Product(this, plan, epilogue.accumulate(), operands, biased));
    } catch (CudaException e) {
      throw device.failed(e, "products");
    }
    return true;
  }

  /** Gives a product to the stream, or to what it captures. */
  void issue(Command.Product product, long stream) {
    LtPlan plan = product.plan();
    if (product.bias() != 0) {
      CublasLt.setBias(plan.description(), product.bias());
    }
    CublasLt.Algorithm algorithm = Objects.requireNonNull(plan.algorithm());
    int code =
        CublasLt.matmul(
            handle,
            plan.description(),
            product.accumulate() ? adding : storing,
            product.operands(),
            plan.layouts(),
            algorithm,
            tuning.workspace(),
            stream);
    if (code != 0) {
      throw new DeviceException("cublasLtMatmul failed with status " + code);
    }
  }

  private static long address(Matrix matrix) {
    return matrix.operand().data().address();
  }
}
