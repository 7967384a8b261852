package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Reduction;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Starts the kernels of {@code src/main/cuda} in the ways that they are made for. What has no
 * elements is not started.
 */
final class Kernels {

  /** Threads of a block: most kernels are written for this number. */
  static final int THREADS = 256;

  /** Lanes of a warp. */
  static final int LANES = 32;

  /** Neighbours that a thread takes at once. */
  static final int WIDTH = 8;

  /** Rows up to this length are taken by a warp, longer ones by a block. */
  private static final int WARP_ROW = 1024;

  /** Blocks that a multiprocessor holds, of {@link #THREADS}. */
  private static final int RESIDENT = 8;

  private final Launcher launcher;
  private final Workspace workspace;
  private final Workspace accumulators;

  Kernels(Launcher launcher, LongFunction<MemorySegment> allocator) {
    this.launcher = launcher;
    this.workspace = new Workspace(allocator);
    this.accumulators = new Workspace(allocator);
    Operand counter = new Operand(workspace.counter(), DType.INT32, 1);
    each("fill", WIDTH, counter, 1L, 0f);
  }

  /** Memory for the kernels that are started next, until the next call. */
  MemorySegment workspace(long bytes) {
    return workspace.take(bytes);
  }

  /** Memory beside the other: neither is lost by taking the other one. */
  MemorySegment accumulators(long bytes) {
    return accumulators.take(bytes);
  }

  /** Whether the GPU has the tensor cores that {@code mma.cuh} is for. */
  boolean hasTensorCores() {
    return launcher.capability() >= 80;
  }

  /** Multiprocessors of the GPU. */
  int multiprocessors() {
    return launcher.multiprocessors();
  }

  /** As many blocks as fill the GPU. */
  int fill() {
    return launcher.multiprocessors() * RESIDENT;
  }

  /** A kernel whose threads take eight of {@code count} elements at a time. */
  void eights(String kernel, long count, @Nullable Object... arguments) {
    each(kernel, Math.ceilDiv(count, WIDTH), arguments);
  }

  /** A kernel whose threads take {@code count} things, one at a time. */
  void each(String kernel, long count, @Nullable Object... arguments) {
    if (count > 0) {
      launcher.launch(kernel, Grid.striding(count, THREADS, fill()), arguments);
    }
  }

  /** A kernel whose blocks take {@code count} things, one at a time. */
  void blocks(String kernel, long count, @Nullable Object... arguments) {
    if (count > 0) {
      launcher.launch(kernel, Grid.of(Math.min(count, fill()), THREADS), arguments);
    }
  }

  /** A kernel whose warps take {@code count} things, one at a time. */
  void warps(String kernel, long count, @Nullable Object... arguments) {
    each(kernel, count * LANES, arguments);
  }

  /** Whether a warp takes a row of this length; else a block. */
  static boolean byWarps(long cols) {
    return cols <= WARP_ROW;
  }

  /** One of two kernels: {@code …ByWarps} where rows are short, else {@code …ByBlocks}. */
  void rows(String kernel, long rows, long cols, @Nullable Object... arguments) {
    if (byWarps(cols)) {
      warps(kernel + "ByWarps", rows, arguments);
    } else {
      blocks(kernel + "ByBlocks", rows, arguments);
    }
  }

  /** Sums over an axis that is not the last, in one pass. */
  void sumColumns(Operand x, Operand y, Reduction r) {
    long blocks = (long) r.outer() * Math.ceilDiv(r.inner(), LANES * WIDTH);
    long outer = r.outer();
    long axis = r.axis();
    long inner = r.inner();
    blocks("sumColumns", blocks, x, y, outer, axis, inner, 1L, r.factor());
  }

  /** Starts kernels later: just before the next one, or when a result is needed. */
  void putOff(Runnable starts) {
    launcher.putOff(starts);
  }

  /** Starts a kernel on a grid of its own. */
  void launch(String kernel, Grid grid, @Nullable Object... arguments) {
    launcher.launch(kernel, grid, arguments);
  }

  /** Starts a kernel of another module, whose threads take eight of {@code count} at a time. */
  void eights(String kernel, long function, long count, @Nullable Object[] arguments) {
    Grid grid = Grid.striding(Math.ceilDiv(count, WIDTH), THREADS, fill());
    launcher.launch(kernel, function, grid, arguments);
  }

  /**
   * The argument of kernels that make two sums over the grid: memory for two FP64 numbers of each
   * block, and the counter.
   */
  long[] parts() {
    return parts(workspace(partsBytes()));
  }

  /** The same in memory that was taken before. */
  long[] parts(MemorySegment memory) {
    return new long[] {memory.address(), workspace.counter().address()};
  }

  /** How much memory {@link #parts} need. */
  long partsBytes() {
    return 2L * Double.BYTES * fill();
  }
}
