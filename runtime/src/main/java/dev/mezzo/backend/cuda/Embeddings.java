package dev.mezzo.backend.cuda;

import dev.mezzo.backend.EmbeddingKernels;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Rotation;
import java.lang.foreign.MemorySegment;

/** Starts the kernels of {@code embedding.cu}. */
final class Embeddings implements EmbeddingKernels {

  private final Kernels kernels;

  Embeddings(Kernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public void gather(Operand weight, Operand indices, Operand y, int cols) {
    long n = indices.size();
    if (cols > 0) {
      long rows = weight.size() / cols;
      kernels.warps("embeddingGather", n, weight, indices, y, n, rows, (long) cols);
    }
  }

  @Override
  public void scatter(Operand dy, Operand indices, Operand dWeight, int cols) {
    kernels.eights("fill", dWeight.size(), dWeight, dWeight.size(), 0f);
    long n = indices.size();
    if (cols == 0 || n == 0) {
      return;
    }
    long rows = dWeight.size() / cols;
    MemorySegment memory = kernels.workspace(2 * n * Integer.BYTES);
    MemorySegment first = memory.asSlice(n * Integer.BYTES);
    kernels.each("embeddingLinks", n, indices, memory, first, n);
    long threads = n * Math.ceilDiv(cols, Kernels.WIDTH);
    kernels.each(
        "embeddingScatter", threads, dy, indices, memory, first, dWeight, n, rows, (long) cols);
  }

  @Override
  public void rotate(Rotation r, Operand x, Operand y) {
    long angles = (long) r.time() * r.dim() / 2;
    MemorySegment table = kernels.workspace(angles * 2 * Float.BYTES);
    Arguments.ByValue rotation = struct(r);
    kernels.each("rotationTable", angles, rotation, table);
    kernels.each("rotate", x.size() / 2, rotation, table, x, y);
  }

  /** The struct {@code Rotation}. */
  private static Arguments.ByValue struct(Rotation r) {
    return new Struct()
        .add((long) r.batch())
        .add((long) r.time())
        .add((long) r.heads())
        .add((long) r.rotated())
        .add((long) r.dim())
        .add((long) r.first())
        .add((double) r.base())
        .add(r.back() ? 1 : 0)
        .value();
  }
}
