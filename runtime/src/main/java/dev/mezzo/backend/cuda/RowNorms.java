package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Reduction;
import dev.mezzo.backend.RowNorm;
import dev.mezzo.backend.RowNormGradients;
import dev.mezzo.backend.RowNormKernels;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Starts the kernels of {@code rownorms.cu}. */
final class RowNorms implements RowNormKernels {

  private final Kernels kernels;

  RowNorms(Kernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public void forward(RowNorm norm, Operand x, Operand weight, @Nullable Operand bias, Operand y) {
    if (y.size() > 0) {
      kernels.rows("rowNorm", norm.rows(), norm.cols(), struct(norm), x, weight, bias, y);
    }
  }

  @Override
  public void gradient(
      RowNorm norm, Operand dy, Operand x, Operand weight, RowNormGradients gradients) {
    int cols = norm.cols();
    if (cols == 0) {
      return;
    }
    boolean byWarps = Kernels.byWarps(cols);
    int rows = byWarps ? Math.ceilDiv(norm.rows(), Kernels.THREADS / Kernels.LANES) : norm.rows();
    int blocks = Math.clamp(rows, 1, kernels.fill() / 4);
    long count = 2L * blocks * cols;
    MemorySegment memory = kernels.workspace((count + 2L * cols) * Float.BYTES);
    Operand all = new Operand(memory, DType.FP32, count + 2L * cols);
    Operand sums = all.slice(count, 2L * cols);
    Arguments.ByValue struct = struct(norm);
    String kernel = byWarps ? "rowNormGradientByWarps" : "rowNormGradientByBlocks";
    Grid grid = Grid.of(blocks, Kernels.THREADS);
    kernels.launch(kernel, grid, struct, dy, x, weight, gradients.dx(), memory);
    Operand parts = all.slice(0, count);
    kernels.sumColumns(parts, sums, new Reduction(1, blocks, 2 * cols, 1));
    kernels.eights("cast", cols, sums.slice(0, cols), gradients.dWeight(), (long) cols);
    if (gradients.dBias() != null) {
      kernels.eights("cast", cols, sums.slice(cols, cols), gradients.dBias(), (long) cols);
    }
  }

  /** The struct {@code Norm}. */
  private static Arguments.ByValue struct(RowNorm norm) {
    return new Struct()
        .add((long) norm.rows())
        .add((long) norm.cols())
        .add(norm.epsilon())
        .add(norm.centered() ? 1 : 0)
        .value();
  }
}
