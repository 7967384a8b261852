package dev.mezzo.backend.cuda;

import dev.mezzo.backend.EmbeddingKernels;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Rotation;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;

/** Starts the kernels of {@code embedding.cu}. */
final class Embeddings implements EmbeddingKernels {

  /** Positions of a row that one sum is of. */
  private static final int PIECE = 32;

  /** Numbers for each position: the arrays of the struct {@code Positions}. */
  private static final int POSITIONS = 6;

  private static final long CURSORS = 2;

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
    if (!dWeight.adds()) {
      kernels.eights("fill", dWeight.size(), dWeight, dWeight.size(), 0f);
    }
    long n = indices.size();
    if (cols == 0 || n == 0) {
      return;
    }
    long rows = dWeight.size() / cols;
    long pieces = Math.ceilDiv(2 * n, PIECE) * cols * Float.BYTES;
    MemorySegment memory = kernels.workspace(pieces + (POSITIONS * n + CURSORS) * Integer.BYTES);
    long[] positions = new long[POSITIONS + 1];
    for (int i = 0; i <= POSITIONS; i++) {
      positions[i] = memory.address() + pieces + i * n * Integer.BYTES;
    }
    MemorySegment cursors = memory.asSlice(pieces + POSITIONS * n * Integer.BYTES);
    kernels.eights("fill", CURSORS, new Operand(cursors, DType.INT32, CURSORS), CURSORS, 0f);
    kernels.each("embeddingRanks", n, indices, positions, n);
    kernels.each("embeddingOrder", n, positions, n);
    long warps = n * Math.ceilDiv(cols, Kernels.LANES * Kernels.WIDTH);
    long columns = cols;
    kernels.warps(
        "embeddingScatter", warps, dy, indices, positions, memory, dWeight, n, rows, columns);
    if (n > PIECE) {
      kernels.warps(
          "embeddingPieces", warps, indices, positions, memory, dWeight, n, rows, columns);
    }
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
