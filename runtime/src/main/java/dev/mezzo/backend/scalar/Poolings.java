package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.PoolingKernels;
import dev.mezzo.backend.PoolingShape;
import dev.mezzo.types.Pooling;
import java.util.ArrayList;
import java.util.List;

/** Poolings, a window at a time. */
final class Poolings implements PoolingKernels {

  /** A window of a channel: the elements of x in it, row by row, and its element of y. */
  private interface Window {
    void visit(List<Integer> x, int y);
  }

  @Override
  public void max(PoolingShape shape, Operand x, Operand y) {
    float[] in = Values.read(x);
    float[] out = new float[Values.length(y)];
    each(shape, (from, to) -> out[to] = from.isEmpty() ? -1 / 0f : in[greatest(in, from)]);
    Values.write(out, y);
  }

  @Override
  public void maxGradient(PoolingShape shape, Operand dy, Operand x, Operand dx) {
    float[] in = Values.read(x);
    float[] out = Values.read(dy);
    double[] sums = new double[in.length];
    each(
        shape,
        (to, from) -> {
          if (!to.isEmpty()) {
            sums[greatest(in, to)] += out[from];
          }
        });
    write(sums, dx);
  }

  @Override
  public void average(PoolingShape shape, Operand x, Operand y) {
    float[] in = Values.read(x);
    double[] out = new double[Values.length(y)];
    int size = shape.window().height() * shape.window().width();
    each(
        shape,
        (from, to) -> {
          for (int i : from) {
            out[to] += in[i];
          }
          out[to] /= size;
        });
    write(out, y);
  }

  @Override
  public void averageGradient(PoolingShape shape, Operand dy, Operand dx) {
    float[] out = Values.read(dy);
    double[] sums = new double[Values.length(dx)];
    double size = shape.window().height() * shape.window().width();
    each(shape, (to, from) -> to.forEach(i -> sums[i] += out[from] / size));
    write(sums, dx);
  }

  private static void write(double[] values, Operand to) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) values[i];
    }
    Values.write(rounded, to);
  }

  private static int greatest(float[] x, List<Integer> indices) {
    int greatest = indices.getFirst();
    for (int i : indices) {
      if (!Float.isNaN(x[greatest]) && !(x[i] <= x[greatest])) {
        greatest = i;
      }
    }
    return greatest;
  }

  private static void each(PoolingShape shape, Window window) {
    int y = 0;
    for (int n = 0; n < shape.batch(); n++) {
      for (int i = 0; i < shape.outHeight(); i++) {
        for (int j = 0; j < shape.outWidth(); j++) {
          for (int c = 0; c < shape.channels(); c++) {
            window.visit(elements(shape, n, i, j, c), y++);
          }
        }
      }
    }
  }

  private static List<Integer> elements(PoolingShape shape, int n, int i, int j, int c) {
    Pooling w = shape.window();
    List<Integer> elements = new ArrayList<>();
    for (int ki = 0; ki < w.height(); ki++) {
      for (int kj = 0; kj < w.width(); kj++) {
        int row = i * w.strideHeight() - w.paddingHeight() + ki;
        int column = j * w.strideWidth() - w.paddingWidth() + kj;
        if (row >= 0 && row < shape.height() && column >= 0 && column < shape.width()) {
          elements.add(
              ((n * shape.height() + row) * shape.width() + column) * shape.channels() + c);
        }
      }
    }
    return elements;
  }
}
