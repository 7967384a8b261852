package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Attention;
import dev.mezzo.backend.Attention.AttentionMask;
import dev.mezzo.backend.Attention.Heads;
import dev.mezzo.backend.AttentionKernels;
import dev.mezzo.backend.AttentionShape;
import dev.mezzo.backend.Operand;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Starts the kernels of {@code attention.cu}. */
final class Attentions implements AttentionKernels {

  private static final int SIDE = 32;
  private static final int MOST_DIMS = 256;

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
    kernels.launch(
        "attentionForward",
        grid(s, s.queries(), s.heads(), 3, 1),
        shape(s),
        heads(attention.q()),
        heads(attention.k()),
        heads(attention.v()),
        mask(attention.mask()),
        heads(y),
        logSums.data());
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
    if (rows > 0) {
      Grid grid = grid(s, s.queries(), s.heads(), 4, 2);
      kernels.launch(
          "attentionGradientQueries", grid, shape, q, k, v, mask, dy, logSums, own, heads(dq));
    }
    if (s.batch() > 0 && s.keys() > 0) {
      Grid grid = grid(s, s.keys(), s.keyHeads(), 4, 2);
      kernels.launch(
          "attentionGradientKeys",
          grid,
          shape,
          q,
          k,
          v,
          mask,
          dy,
          logSums,
          own,
          heads(dk),
          heads(dv));
    }
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
