package dev.mezzo.backend.scalar;

import dev.mezzo.backend.ArrayKernels;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Reduction;
import dev.mezzo.backend.Strided;
import java.lang.foreign.MemorySegment;

/** Movement of elements and what works along an axis, an element at a time. */
final class AxisKernels implements ArrayKernels {

  @Override
  public void copy(Operand x, Operand y, Strided plan) {
    int[] dims = plan.dims();
    int[] index = new int[dims.length];
    long count = 1;
    for (int dim : dims) {
      count *= dim;
    }
    int bytes = x.dtype().bytes();
    for (long i = 0; i < count; i++) {
      long from = plan.from();
      long to = plan.to();
      for (int d = 0; d < dims.length; d++) {
        from += index[d] * plan.fromStrides()[d];
        to += index[d] * plan.toStrides()[d];
      }
      MemorySegment.copy(x.data(), from * bytes, y.data(), to * bytes, bytes);
      advance(index, dims);
    }
  }

  private static void advance(int[] index, int[] dims) {
    for (int d = dims.length - 1; d >= 0; d--) {
      if (++index[d] < dims[d]) {
        return;
      }
      index[d] = 0;
    }
  }

  @Override
  public void gather(Operand x, Operand index, Operand y, Reduction lines, int count) {
    float[] values = Values.read(x);
    int[] indices = Values.readInts(index);
    float[] gathered = new float[indices.length];
    for (int i = 0; i < gathered.length; i++) {
      int outer = i / lines.inner() / count;
      gathered[i] =
          outside(indices[i], lines)
              ? Float.NaN
              : values[at(outer, indices[i], i % lines.inner(), lines)];
    }
    Values.write(gathered, y);
  }

  @Override
  public void scatterAdd(Operand index, Operand source, Operand y, Reduction lines, int count) {
    float[] sums = Values.read(y);
    int[] indices = Values.readInts(index);
    float[] added = Values.read(source);
    for (int i = 0; i < added.length; i++) {
      int outer = i / lines.inner() / count;
      int inner = i % lines.inner();
      if (outside(indices[i], lines)) {
        for (int j = 0; j < lines.axis(); j++) {
          sums[at(outer, j, inner, lines)] = Float.NaN;
        }
      } else {
        sums[at(outer, indices[i], inner, lines)] += added[i];
      }
    }
    Values.write(sums, y);
  }

  @Override
  public void cumulativeSum(Operand x, Operand y, Reduction lines, boolean reverse) {
    float[] values = Values.read(x);
    for (int outer = 0; outer < lines.outer(); outer++) {
      for (int inner = 0; inner < lines.inner(); inner++) {
        double sum = 0;
        for (int j = 0; j < lines.axis(); j++) {
          int at = at(outer, reverse ? lines.axis() - 1 - j : j, inner, lines);
          sum += values[at];
          values[at] = (float) sum;
        }
      }
    }
    Values.write(values, y);
  }

  @Override
  public void maximum(Operand x, Operand y, Reduction lines) {
    float[] values = Values.read(x);
    float[] greatest = new float[Values.length(y)];
    for (int i = 0; i < greatest.length; i++) {
      float most = Float.NEGATIVE_INFINITY;
      for (int j = 0; j < lines.axis(); j++) {
        most = Math.max(most, lines.factor() * values[at(i, j, lines)]);
      }
      greatest[i] = lines.factor() * most;
    }
    Values.write(greatest, y);
  }

  @Override
  public void squaredDeviations(Operand x, Operand mean, Operand y, Reduction lines) {
    float[] values = Values.read(x);
    float[] means = Values.read(mean);
    float[] sums = new float[means.length];
    for (int i = 0; i < sums.length; i++) {
      double sum = 0;
      for (int j = 0; j < lines.axis(); j++) {
        double deviation = (double) values[at(i, j, lines)] - means[i];
        sum += deviation * deviation;
      }
      sums[i] = (float) (sum * lines.factor());
    }
    Values.write(sums, y);
  }

  private static boolean outside(int index, Reduction lines) {
    return index < 0 || index >= lines.axis();
  }

  /** Element j of line i, lines counted as (outer, inner). */
  private static int at(int i, int j, Reduction lines) {
    return at(i / lines.inner(), j, i % lines.inner(), lines);
  }

  private static int at(int outer, int j, int inner, Reduction lines) {
    return (outer * lines.axis() + j) * lines.inner() + inner;
  }
}
