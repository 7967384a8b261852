package dev.mezzo.backend.cuda;

import dev.mezzo.backend.ArrayKernels;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Reduction;
import dev.mezzo.backend.Strided;

/** Starts the kernels of {@code arrays.cu}. */
final class AxisKernels implements ArrayKernels {

  private final Kernels kernels;

  AxisKernels(Kernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public void copy(Operand x, Operand y, Strided plan) {
    long count = 1;
    for (int dim : plan.dims()) {
      count *= dim;
    }
    long[] walk = Walk.of(new Broadcast(plan.dims(), plan.fromStrides(), plan.toStrides()), 2);
    kernels.each("copyStrided", count, x, y, count, walk, plan.from(), plan.to());
  }

  @Override
  public void gather(Operand x, Operand index, Operand y, Reduction lines, int count) {
    kernels.each("gather", y.size(), x, index, y, struct(lines), (long) count, y.size());
  }

  @Override
  public void scatterAdd(Operand index, Operand source, Operand y, Reduction lines, int count) {
    overLines("scatterAdd", lines, index, source, y, struct(lines), (long) count);
  }

  @Override
  public void cumulativeSum(Operand x, Operand y, Reduction lines, boolean reverse) {
    overLines("cumulativeSum", lines, x, y, struct(lines), reverse ? 1 : 0);
  }

  @Override
  public void maximum(Operand x, Operand y, Reduction lines) {
    overLines("maximum", lines, x, y, struct(lines), lines.factor());
  }

  @Override
  public void squaredDeviations(Operand x, Operand mean, Operand y, Reduction lines) {
    overLines("squaredDeviations", lines, x, mean, y, struct(lines), lines.factor());
  }

  /** A warp to a line whose elements are neighbours, else a thread. */
  private void overLines(String kernel, Reduction lines, Object... arguments) {
    if (lines.inner() == 1) {
      kernels.warps(kernel, lines(lines), arguments);
    } else {
      kernels.each(kernel, lines(lines), arguments);
    }
  }

  private static long lines(Reduction lines) {
    return (long) lines.outer() * lines.inner();
  }

  /** The struct {@code Lines}. */
  private static long[] struct(Reduction lines) {
    return new long[] {lines.outer(), lines.axis(), lines.inner()};
  }
}
