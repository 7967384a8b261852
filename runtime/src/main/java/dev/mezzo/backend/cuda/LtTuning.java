package dev.mezzo.backend.cuda;

import dev.mezzo.backend.cuda.ffi.CublasLt;
import dev.mezzo.backend.cuda.ffi.CudaDriver;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Chooses an algorithm for a product by timing those that cuBLASLt expects to be fast, once. With
 * {@code -Dmezzo.cuda.deterministic=true} the first of them is taken, so that two runs compute with
 * the same one.
 */
final class LtTuning {

  private static final boolean DETERMINISTIC = Boolean.getBoolean("mezzo.cuda.deterministic");
  private static final int CANDIDATES = 8;
  private static final int TIMES = 3;

  private final CudaDevice device;
  private final DeviceMemory memory;
  private final long handle;
  private final MemorySegment workspace;

  /**
   * @param workspace memory that algorithms share: the products of a stream run one after the other
   */
  LtTuning(CudaDevice device, DeviceMemory memory, long handle, MemorySegment workspace) {
    this.device = device;
    this.memory = memory;
    this.handle = handle;
    this.workspace = workspace;
  }

  long workspace() {
    return workspace.address();
  }

  /**
   * The plan with the algorithm that is fastest on these operands, whose result is not yet written.
   */
  LtPlan tune(LtPlan plan, LtProduct product, MemorySegment numbers, long[] operands) {
    long preference =
        CublasLt.preference(
            workspace.byteSize(),
            product.alignmentA(),
            product.alignmentB(),
            product.alignmentC(),
            product.alignmentC());
    try {
      CublasLt.Algorithm[] candidates =
          CublasLt.heuristics(handle, plan.description(), plan.layouts(), preference, CANDIDATES);
      if (candidates.length == 0) {
        return plan;
      }
      if (candidates.length == 1 || DETERMINISTIC) {
        return plan.with(candidates[0]);
      }
      return plan.with(fastest(plan, product, candidates, numbers, operands));
    } finally {
      CublasLt.destroyPreference(preference);
    }
  }

  private CublasLt.Algorithm fastest(
      LtPlan plan,
      LtProduct product,
      CublasLt.Algorithm[] candidates,
      MemorySegment numbers,
      long[] operands) {
    long[] tried = operands.clone();
    @Nullable MemorySegment scratch = null;
    if (product.accumulate()) { // what it adds to must stay
      long one = product.leadingC() * (product.n() - 1) + product.m();
      long elements = one + product.batch().c() * (product.batch().count() - 1);
      scratch = memory.allocate(elements * product.result().bytes());
      tried[3] = scratch.address();
    }
    CublasLt.Algorithm best = candidates[0];
    float least = Float.POSITIVE_INFINITY;
    long start = CudaDriver.createEvent();
    long end = CudaDriver.createEvent();
    try {
      for (CublasLt.Algorithm candidate : candidates) {
        float time = time(plan, candidate, numbers, tried, start, end);
        if (time < least) {
          least = time;
          best = candidate;
        }
      }
    } finally {
      CudaDriver.destroyEvent(start);
      CudaDriver.destroyEvent(end);
      java.lang.ref.Reference.reachabilityFence(scratch);
    }
    return best;
  }

  /** Milliseconds of some runs, after one; infinite if it does not run. */
  private float time(
      LtPlan plan,
      CublasLt.Algorithm candidate,
      MemorySegment numbers,
      long[] operands,
      long start,
      long end) {
    for (int i = 0; i <= TIMES; i++) {
      if (i == 1) {
        CudaDriver.record(start, device.stream());
      }
      int code =
          CublasLt.matmul(
              handle,
              plan.description(),
              numbers,
              operands,
              plan.layouts(),
              candidate,
              workspace.address(),
              device.stream());
      if (code != 0) {
        return Float.POSITIVE_INFINITY;
      }
    }
    CudaDriver.record(end, device.stream());
    CudaDriver.synchronizeEvent(end);
    return CudaDriver.elapsed(start, end);
  }
}
