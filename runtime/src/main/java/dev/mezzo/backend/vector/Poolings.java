package dev.mezzo.backend.vector;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.PoolingKernels;
import dev.mezzo.backend.PoolingShape;
import dev.mezzo.types.Pooling;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Poolings, the channels side by side in vectors. A task takes some rows of the result, or, of a
 * gradient, those of dx that no other windows reach, or a whole image where windows overlap.
 */
final class Poolings implements PoolingKernels {

  private static final int LANES = Lanes.COUNT;

  /** Elements of x of a task, about. */
  private static final int TASK = 1 << 14;

  private final Workers workers;

  Poolings(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void max(PoolingShape shape, Operand x, Operand y) {
    forward(shape, x, y, true);
  }

  @Override
  public void average(PoolingShape shape, Operand x, Operand y) {
    forward(shape, x, y, false);
  }

  private void forward(PoolingShape shape, Operand x, Operand y, boolean max) {
    if (y.size() == 0) {
      return;
    }
    Plane source = new Plane(x, shape.height(), shape.width(), shape.channels());
    Plane target = new Plane(y, shape.outHeight(), shape.outWidth(), shape.channels());
    ConvolutionStore store = new ConvolutionStore(target, Epilogue.NONE);
    int wide = ConvolutionBlocks.padded(shape.channels());
    Band band = Band.of(shape, shape.outHeight());
    workers.run(
        shape.batch() * band.perImage(),
        (task, scratch) -> {
          int image = task / band.perImage();
          int first = task % band.perImage() * band.rows();
          int last = Math.min(first + band.rows(), shape.outHeight());
          float[] rows = scratch.large(0, band.size(shape, wide));
          float[] out = scratch.large(1, shape.outWidth() * wide);
          int top = band.widen(shape, source, image, first, last, wide, rows);
          for (int i = first; i < last; i++) {
            for (int j = 0; j < shape.outWidth(); j++) {
              Cell cell = Cell.of(shape, i, j, top, wide);
              if (max) {
                greatest(cell, shape.width() * wide, wide, rows, out, j * wide);
              } else {
                mean(shape, cell, wide, rows, out, j * wide);
              }
            }
            store.row(image, i, 0, 1, shape.outWidth(), out, 0, wide, scratch);
          }
        });
  }

  private static void greatest(Cell cell, int row, int wide, float[] rows, float[] out, int to) {
    for (int c = 0; c < wide; c += LANES) {
      FloatVector greatest = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
      for (int i = 0; i < cell.down(); i++) {
        for (int j = 0; j < cell.across(); j++) {
          int at = cell.at() + i * row + j * wide + c;
          greatest = greatest.max(FloatVector.fromArray(Lanes.FLOATS, rows, at));
        }
      }
      greatest.intoArray(out, to + c);
    }
  }

  private static void mean(
      PoolingShape shape, Cell cell, int wide, float[] rows, float[] out, int to) {
    int row = shape.width() * wide;
    float size = shape.window().height() * shape.window().width();
    for (int c = 0; c < wide; c += LANES) {
      FloatVector sum = FloatVector.zero(Lanes.FLOATS);
      for (int i = 0; i < cell.down(); i++) {
        for (int j = 0; j < cell.across(); j++) {
          int at = cell.at() + i * row + j * wide + c;
          sum = sum.add(FloatVector.fromArray(Lanes.FLOATS, rows, at));
        }
      }
      sum.div(size).intoArray(out, to + c);
    }
  }

  @Override
  public void maxGradient(PoolingShape shape, Operand dy, Operand x, Operand dx) {
    Plane source = new Plane(x, shape.height(), shape.width(), shape.channels());
    gradient(shape, dy, dx, source);
  }

  @Override
  public void averageGradient(PoolingShape shape, Operand dy, Operand dx) {
    gradient(shape, dy, dx, null);
  }

  /**
   * Adds dy to dx.
   *
   * @param x where the greatest are; null for means
   */
  private void gradient(
      PoolingShape shape, Operand dy, Operand dx, @org.jspecify.annotations.Nullable Plane x) {
    if (dx.size() == 0) {
      return;
    }
    Plane from = new Plane(dy, shape.outHeight(), shape.outWidth(), shape.channels());
    Plane to = new Plane(dx, shape.height(), shape.width(), shape.channels());
    ConvolutionStore store = new ConvolutionStore(to, Epilogue.NONE);
    int wide = ConvolutionBlocks.padded(shape.channels());
    Pooling w = shape.window();
    boolean apart = w.strideHeight() >= w.height();
    Band band = Band.of(shape, apart ? shape.outHeight() : 1);
    int bands = apart ? Math.max(1, band.perImage()) : 1;
    workers.run(
        shape.batch() * bands,
        (task, scratch) -> {
          int image = task / bands;
          int part = task % bands;
          int first = part * band.rows();
          int last = apart ? Math.min(first + band.rows(), shape.outHeight()) : shape.outHeight();
          int top = part == 0 ? 0 : Math.max(0, first * w.strideHeight() - w.paddingHeight());
          int bottom =
              part == bands - 1
                  ? shape.height()
                  : Math.max(0, last * w.strideHeight() - w.paddingHeight());
          int row = shape.width() * wide;
          float[] sums = scratch.large(1, (bottom - top) * row);
          Arrays.fill(sums, 0, (bottom - top) * row, 0f);
          float[] rows = scratch.large(0, (bottom - top) * row);
          if (x != null) {
            x.widen(image, top, 0, bottom - top, shape.width(), wide, rows, 0);
          }
          float[] out = scratch.large(2, shape.outWidth() * wide);
          for (int i = first; i < last; i++) {
            from.widen(image, i, 0, 1, shape.outWidth(), wide, out, 0);
            for (int j = 0; j < shape.outWidth(); j++) {
              Cell cell = Cell.of(shape, i, j, top, wide);
              if (x != null) {
                addToGreatest(cell, row, wide, rows, out, j * wide, sums);
              } else {
                addToAll(cell, row, wide, w.height() * w.width(), out, j * wide, sums);
              }
            }
          }
          for (int i = top; i < bottom; i++) {
            store.row(image, i, 0, 1, shape.width(), sums, (i - top) * row, wide, scratch);
          }
        });
  }

  private static void addToGreatest(
      Cell cell, int row, int wide, float[] rows, float[] out, int from, float[] sums) {
    for (int c = 0; c < wide; c += LANES) {
      FloatVector greatest = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
      for (int i = 0; i < cell.down(); i++) {
        for (int j = 0; j < cell.across(); j++) {
          int at = cell.at() + i * row + j * wide + c;
          greatest = greatest.max(FloatVector.fromArray(Lanes.FLOATS, rows, at));
        }
      }
      FloatVector dy = FloatVector.fromArray(Lanes.FLOATS, out, from + c);
      VectorMask<Float> open =
          greatest.compare(VectorOperators.EQ, greatest).or(greatest.test(VectorOperators.IS_NAN));
      for (int i = 0; i < cell.down(); i++) {
        for (int j = 0; j < cell.across(); j++) {
          int at = cell.at() + i * row + j * wide + c;
          FloatVector x = FloatVector.fromArray(Lanes.FLOATS, rows, at);
          VectorMask<Float> here =
              x.compare(VectorOperators.EQ, greatest).or(x.test(VectorOperators.IS_NAN)).and(open);
          open = open.andNot(here);
          FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, sums, at);
          sum.blend(sum.add(dy), here).intoArray(sums, at);
        }
      }
    }
  }

  private static void addToAll(
      Cell cell, int row, int wide, float size, float[] out, int from, float[] sums) {
    for (int c = 0; c < wide; c += LANES) {
      FloatVector share = FloatVector.fromArray(Lanes.FLOATS, out, from + c).div(size);
      for (int i = 0; i < cell.down(); i++) {
        for (int j = 0; j < cell.across(); j++) {
          int at = cell.at() + i * row + j * wide + c;
          FloatVector.fromArray(Lanes.FLOATS, sums, at).add(share).intoArray(sums, at);
        }
      }
    }
  }

  /** Rows of the result that a task makes. */
  private record Band(int rows, int perImage) {

    static Band of(PoolingShape shape, int outHeight) {
      long ofRow =
          (long) shape.window().strideHeight()
              * shape.width()
              * ConvolutionBlocks.padded(shape.channels());
      int rows = Math.clamp(TASK / Math.max(1, ofRow), 1, Math.max(1, outHeight));
      return new Band(rows, (outHeight + rows - 1) / rows);
    }

    int size(PoolingShape shape, int wide) {
      Pooling w = shape.window();
      return ((rows - 1) * w.strideHeight() + w.height()) * shape.width() * wide;
    }

    /** Widens what rows [first, last) of the result read; returns the first of these rows. */
    int widen(PoolingShape shape, Plane x, int image, int first, int last, int wide, float[] to) {
      Pooling w = shape.window();
      int top = Math.max(0, first * w.strideHeight() - w.paddingHeight());
      int bottom =
          Math.min(shape.height(), (last - 1) * w.strideHeight() - w.paddingHeight() + w.height());
      x.widen(image, top, 0, bottom - top, shape.width(), wide, to, 0);
      return top;
    }
  }

  /**
   * The part of a window that is in the image.
   *
   * @param at its first element, in rows that were widened
   */
  private record Cell(int at, int down, int across) {

    static Cell of(PoolingShape shape, int i, int j, int top, int wide) {
      Pooling w = shape.window();
      int row = i * w.strideHeight() - w.paddingHeight();
      int column = j * w.strideWidth() - w.paddingWidth();
      int down = Math.min(row + w.height(), shape.height());
      int across = Math.min(column + w.width(), shape.width());
      int firstRow = Math.max(0, row);
      int firstColumn = Math.max(0, column);
      int at = ((firstRow - top) * shape.width() + firstColumn) * wide;
      return new Cell(at, Math.max(0, down - firstRow), Math.max(0, across - firstColumn));
    }
  }
}
