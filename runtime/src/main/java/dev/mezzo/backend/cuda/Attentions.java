package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Attention;
import dev.mezzo.backend.Attention.AttentionMask;
import dev.mezzo.backend.Attention.Heads;
import dev.mezzo.backend.AttentionKernels;
import dev.mezzo.backend.AttentionShape;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Starts the kernels of {@code attention.cu}, or {@code attentiontensor.cu}. */
final class Attentions implements AttentionKernels {

  private static final int SIDE = 32;
  private static final int MOST_DIMS = 256;
  private static final int TENSOR_ROWS = 64;
  private static final int TENSOR_THREADS = 128;

  /** Rows in shared memory: of the block's own side two tiles, of the other four of 32. */
  private static final int GRADIENT_ROWS = 2 * TENSOR_ROWS + 4 * 32;

  private final Kernels kernels;

  Attentions(Kernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public void forward(Attention attention, Heads y, Operand logSums) {
    AttentionShape s = attention.shape();
    if (s.batch() == 0 || s.queries() == 0) {
      return;
    }
    Arguments.ByValue shape = shape(s);
    Arguments.ByValue q = heads(attention.q());
    Arguments.ByValue k = heads(attention.k());
    Arguments.ByValue v = heads(attention.v());
    MemorySegment sums = logSums.data();
    if (onTensorCores(attention, y)) {
      boolean tall = isTall(s);
      int rows = tall ? 2 * TENSOR_ROWS : TENSOR_ROWS;
      int keys = s.headDim() == 64 ? 64 : 32;
      Grid grid = tensorGrid(s, s.queries(), s.heads(), rows, rows + 4 * keys);
      String kernel = tensorKernel(tall ? "attentionForwardTall" : "attentionForward", attention);
      kernels.launch(kernel, grid, shape, q, k, v, heads(y), sums);
    } else {
      Grid grid = grid(s, s.queries(), s.heads(), 3, 1);
      Arguments.ByValue mask = mask(attention.mask());
      kernels.launch("attentionForward", grid, shape, q, k, v, mask, heads(y), sums);
    }
  }

  @Override
  public void gradient(Attention attention, Saved saved, Heads dq, Heads dk, Heads dv) {
    AttentionShape s = attention.shape();
    long rows = (long) s.batch() * s.heads() * s.queries();
    MemorySegment own = kernels.workspace(rows * Float.BYTES);
    Arguments.ByValue shape = shape(s);
    Arguments.ByValue dy = heads(saved.dy());
    Arguments.ByValue q = heads(attention.q());
    Arguments.ByValue k = heads(attention.k());
    Arguments.ByValue v = heads(attention.v());
    Arguments.ByValue mask = mask(attention.mask());
    MemorySegment logSums = saved.logSums().data();
    kernels.warps("attentionOwn", rows, shape, dy, heads(saved.y()), own);
    boolean tensor = onTensorCores(attention, saved.dy(), dq, dk, dv);
    if (rows > 0 && tensor) {
      Grid grid = tensorGrid(s, s.queries(), s.heads(), TENSOR_ROWS, GRADIENT_ROWS);
      String kernel = tensorKernel("attentionGradientQueries", attention);
      kernels.launch(kernel, grid, shape, q, k, v, dy, logSums, own, heads(dq));
    } else if (rows > 0) {
      Grid grid = grid(s, s.queries(), s.heads(), 4, 2);
      kernels.launch(
          "attentionGradientQueries", grid, shape, q, k, v, mask, dy, logSums, own, heads(dq));
    }
    if (s.batch() == 0 || s.keys() == 0) {
      return;
    }
    Arguments.ByValue toKeys = heads(dk);
    Arguments.ByValue toValues = heads(dv);
    if (tensor) {
      Grid grid = tensorGrid(s, s.keys(), s.keyHeads(), TENSOR_ROWS, GRADIENT_ROWS);
      String kernel = tensorKernel("attentionGradientKeys", attention);
      kernels.launch(kernel, grid, shape, q, k, v, dy, logSums, own, toKeys, toValues);
    } else {
      Grid grid = grid(s, s.keys(), s.keyHeads(), 4, 2);
      String kernel = "attentionGradientKeys";
      kernels.launch(kernel, grid, shape, q, k, v, mask, dy, logSums, own, toKeys, toValues);
    }
  }

  /**
   * Whether the kernels of {@code attentiontensor.cu} take it: one 16-bit type, no mask, rows of
   * heads that start at multiples of 16 bytes.
   *
   * @param others besides q, k and v
   */
  private boolean onTensorCores(Attention attention, Heads... others) {
    int dims = attention.shape().headDim();
    DType dtype = attention.q().operand().dtype();
    boolean fits = kernels.hasTensorCores() && attention.mask() == null && dtype.isHalf();
    fits &= dims == 64 || dims == 128;
    for (Heads each : List.of(attention.q(), attention.k(), attention.v())) {
      fits &= isAligned(each, dtype);
    }
    for (Heads each : others) {
      fits &= isAligned(each, dtype);
    }
    return fits;
  }

  private static boolean isAligned(Heads heads, DType dtype) {
    long address = heads.operand().data().address();
    return heads.operand().dtype() == dtype
        && address % ((long) Kernels.WIDTH * dtype.bytes()) == 0
        && heads.offset() % Kernels.WIDTH == 0
        && heads.stride() % Kernels.WIDTH == 0;
  }

  private static String tensorKernel(String name, Attention attention) {
    boolean half = attention.q().operand().dtype() == DType.FP16;
    return name + (half ? "Half" : "BFloat") + attention.shape().headDim();
  }

  /** Whether blocks of twice as many queries, which read less, are enough to fill the GPU. */
  private boolean isTall(AttentionShape s) {
    long blocks =
        (long) Math.ceilDiv(s.queries(), 2 * TENSOR_ROWS) * s.heads() * Math.max(1, s.batch());
    return blocks >= 2L * kernels.multiprocessors();
  }

  /**
   * Blocks of four warps.
   *
   * @param rows of a block
   * @param memory rows of tiles in shared memory, each of eight elements more
   */
  private static Grid tensorGrid(AttentionShape s, int all, int heads, int rows, int memory) {
    int bytes = memory * (s.headDim() + Kernels.WIDTH) * Short.BYTES;
    return new Grid(Math.ceilDiv(all, rows), heads, s.batch(), TENSOR_THREADS, 1, bytes);
  }

  /** Blocks for tiles of rows, and memory for tiles of heads and of scores. */
  private static Grid grid(AttentionShape s, int rows, int heads, int tiles, int scores) {
    if (s.headDim() > MOST_DIMS) {
      throw new IllegalArgumentException(
          "the CUDA backend has attention for head dimensions of up to %d, not %d"
              .formatted(MOST_DIMS, s.headDim()));
    }
    int floats = tiles * SIDE * (s.headDim() + 1) + scores * SIDE * (SIDE + 1);
    int x = Math.ceilDiv(rows, SIDE);
    return new Grid(x, heads, s.batch(), Kernels.THREADS, 1, floats * Float.BYTES);
  }

  /** The struct {@code AttentionShape}. */
  private static Arguments.ByValue shape(AttentionShape s) {
    return new Struct()
        .add((long) s.batch())
        .add(s.heads())
        .add(s.keyHeads())
        .add(s.queries())
        .add(s.keys())
        .add(s.headDim())
        .add(s.causal() ? 1 : 0)
        .add(s.scale())
        .value();
  }

  /** The struct {@code Heads}. */
  private static Arguments.ByValue heads(Heads heads) {
    return new Struct()
        .add(heads.operand())
        .add((long) heads.offset())
        .add((long) heads.stride())
        .value();
  }

  /** The struct {@code Mask}. */
  private static Arguments.ByValue mask(@Nullable AttentionMask mask) {
    return new Struct()
        .add(mask == null ? (Operand) null : mask.values())
        .add(mask == null ? 0L : mask.batchStride())
        .add(mask == null ? 0L : mask.headStride())
        .add(mask == null ? 0L : mask.queryStride())
        .value();
  }
}
