package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;

/** Starts the kernels of {@code movement.cu}. */
final class Movement {

  private static final int TILE = 32;
  private static final int TILE_ROWS = 8;
  private static final int LARGEST_Z = 65535;

  private final Kernels kernels;

  Movement(Kernels kernels) {
    this.kernels = kernels;
  }

  void fill(Operand y, float value) {
    kernels.eights("fill", y.size(), y, y.size(), value);
  }

  void cast(Operand x, Operand y) {
    kernels.eights("cast", y.size(), bits(x), bits(y), y.size());
  }

  /** INT32, which is cast to itself alone, as numbers that keep all bits. */
  private static Operand bits(Operand x) {
    return x.dtype() == DType.INT32 ? new Operand(x.data(), DType.FP32, x.size()) : x;
  }

  void transpose(Operand x, Operand y, int batch, int rows, int cols) {
    if (x.size() > 0) {
      long tiles = (long) Math.ceilDiv(rows, TILE) * Math.ceilDiv(cols, TILE);
      int blocks = Math.toIntExact(Math.min(tiles, Integer.MAX_VALUE));
      Grid grid = new Grid(blocks, 1, Math.min(batch, LARGEST_Z), TILE, TILE_ROWS, 0);
      kernels.launch("transpose", grid, x, y, (long) batch, (long) rows, (long) cols);
    }
  }
}
