package dev.mezzo.backend.vector;

import static jdk.incubator.vector.VectorOperators.IS_NAN;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.PoolingKernels;
import dev.mezzo.backend.PoolingShape;
import dev.mezzo.types.Pooling;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Poolings, the channels side by side in vectors. A task takes some rows of the result, a
 * gradient's all windows that reach them.
 */
final class Poolings implements PoolingKernels {

  private static final int LANES = Lanes.COUNT;

  /** Elements of x of a task, about. */
  private static final int TASK = 1 << 14;

  /** Elements of dx of a task, about: windows that lie across its edge are looked at twice. */
  private static final int GRADIENT_TASK = 1 << 16;

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
              Cell cell = Cell.of(shape, i, j, top, shape.height(), wide);
              if (max) {
                greatest(cell, shape.width() * wide, wide, rows, out, j * wide);
              } else {
                mean(shape, cell, wide, rows, out, j * wide);
              }
            }
            store.row(image, i, out, 0, wide, scratch);
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
    int c = 0;
    for (; c <= wide - 4 * LANES; c += 4 * LANES) {
      FloatVector sum0 = FloatVector.zero(Lanes.FLOATS);
      FloatVector sum1 = sum0;
      FloatVector sum2 = sum0;
      FloatVector sum3 = sum0;
      for (int i = 0; i < cell.down(); i++) {
        for (int j = 0; j < cell.across(); j++) {
          int at = cell.at() + i * row + j * wide + c;
          sum0 = sum0.add(FloatVector.fromArray(Lanes.FLOATS, rows, at));
          sum1 = sum1.add(FloatVector.fromArray(Lanes.FLOATS, rows, at + LANES));
          sum2 = sum2.add(FloatVector.fromArray(Lanes.FLOATS, rows, at + 2 * LANES));
          sum3 = sum3.add(FloatVector.fromArray(Lanes.FLOATS, rows, at + 3 * LANES));
        }
      }
      sum0.div(size).intoArray(out, to + c);
      sum1.div(size).intoArray(out, to + c + LANES);
      sum2.div(size).intoArray(out, to + c + 2 * LANES);
      sum3.div(size).intoArray(out, to + c + 3 * LANES);
    }
    for (; c < wide; c += LANES) {
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
    int row = shape.width() * wide;
    int least = x == null ? 1 : 2 * shape.window().height();
    int bandRows = Math.min(Math.max(GRADIENT_TASK / Math.max(1, row), least), shape.height());
    int bands = (shape.height() + bandRows - 1) / bandRows;
    workers.run(
        shape.batch() * bands,
        (task, scratch) -> {
          int image = task / bands;
          int first = task % bands * bandRows;
          int last = Math.min(first + bandRows, shape.height());
          Reach reach = Reach.of(shape, first, last, x != null);
          int size = (reach.bottom() - reach.top()) * row;
          float[] sums = scratch.large(1, size);
          Arrays.fill(sums, 0, size, 0f);
          float[] rows = scratch.large(0, size);
          if (x != null) {
            int count = reach.bottom() - reach.top();
            x.widen(image, reach.top(), 0, count, shape.width(), wide, rows, 0);
          }
          float[] out = scratch.large(2, shape.outWidth() * wide);
          for (int i = reach.first(); i < reach.last(); i++) {
            from.widen(image, i, 0, 1, shape.outWidth(), wide, out, 0);
            for (int j = 0; j < shape.outWidth(); j++) {
              Cell cell = Cell.of(shape, i, j, reach.top(), reach.bottom(), wide);
              if (x != null) {
                addToGreatest(cell, row, wide, rows, out, j * wide, sums);
              } else {
                addToAll(shape, cell, wide, out, j * wide, sums);
              }
            }
          }
          for (int i = first; i < last; i++) {
            store.row(image, i, sums, (i - reach.top()) * row, wide, scratch);
          }
        });
  }

  private static void addToGreatest(
      Cell cell, int row, int wide, float[] rows, float[] out, int from, float[] sums) {
    for (int c = 0; c < wide; c += LANES) {
      FloatVector greatest = FloatVector.fromArray(Lanes.FLOATS, rows, cell.at() + c);
      IntVector place = IntVector.zero(Lanes.INTS);
      for (int i = 0, p = 0; i < cell.down(); i++) {
        for (int j = 0; j < cell.across(); j++, p++) {
          int at = cell.at() + i * row + j * wide + c;
          FloatVector x = FloatVector.fromArray(Lanes.FLOATS, rows, at);
          // Greater or NaN, and no NaN before.
          VectorMask<Float> greater =
              x.compare(VectorOperators.LE, greatest).or(greatest.test(IS_NAN)).not();
          greatest = greatest.blend(x, greater);
          place = place.blend(p, greater.cast(Lanes.INTS));
        }
      }
      FloatVector dy = FloatVector.fromArray(Lanes.FLOATS, out, from + c);
      for (int i = 0, p = 0; i < cell.down(); i++) {
        for (int j = 0; j < cell.across(); j++, p++) {
          int at = cell.at() + i * row + j * wide + c;
          VectorMask<Float> here = place.compare(VectorOperators.EQ, p).cast(Lanes.FLOATS);
          FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, sums, at);
          sum.add(dy, here).intoArray(sums, at);
        }
      }
    }
  }

  private static void addToAll(
      PoolingShape shape, Cell cell, int wide, float[] out, int from, float[] sums) {
    int row = shape.width() * wide;
    float size = shape.window().height() * shape.window().width();
    for (int c = 0; c < wide; c += LANES) {
      FloatVector share = FloatVector.fromArray(Lanes.FLOATS, out, from + c).div(size);
      share.intoArray(out, from + c);
    }
    for (int i = 0; i < cell.down(); i++) {
      for (int j = 0; j < cell.across(); j++) {
        GemmStore.add(sums, cell.at() + i * row + j * wide, out, from, wide);
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
   * The windows that reach some rows of the image, and the rows to be had: these, or all of the
   * windows'.
   *
   * @param last the last window's, and 1
   * @param bottom the last row's, and 1
   */
  private record Reach(int first, int last, int top, int bottom) {

    static Reach of(PoolingShape shape, int from, int to, boolean whole) {
      Pooling w = shape.window();
      int step = w.strideHeight();
      int before = Math.floorDiv(from + w.paddingHeight() - w.height(), step) + 1;
      int first = Math.clamp(before, 0, shape.outHeight());
      int last = Math.clamp(Math.ceilDiv(to + w.paddingHeight(), step), first, shape.outHeight());
      if (!whole) {
        return new Reach(first, last, from, to);
      }
      int top = first * step - w.paddingHeight();
      int bottom = (last - 1) * step - w.paddingHeight() + w.height();
      return new Reach(
          first, last, Math.clamp(top, 0, from), Math.clamp(bottom, to, shape.height()));
    }
  }

  /**
   * The part of a window that is in rows [top, bottom) of the image.
   *
   * @param at its first element, in rows that were widened
   */
  private record Cell(int at, int down, int across) {

    static Cell of(PoolingShape shape, int i, int j, int top, int bottom, int wide) {
      Pooling w = shape.window();
      int row = i * w.strideHeight() - w.paddingHeight();
      int column = j * w.strideWidth() - w.paddingWidth();
      int down = Math.min(row + w.height(), bottom);
      int across = Math.min(column + w.width(), shape.width());
      int firstRow = Math.max(top, row);
      int firstColumn = Math.max(0, column);
      int at = ((firstRow - top) * shape.width() + firstColumn) * wide;
      return new Cell(at, Math.max(0, down - firstRow), Math.max(0, across - firstColumn));
    }
  }
}
