package dev.mezzo.backend.cuda;

import dev.mezzo.backend.ConvolutionKernels;
import dev.mezzo.backend.ConvolutionShape;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;

/**
 * Convolutions of one group as products of matrices; of several, by the kernels of {@code
 * convolution.cu} alone. What each output pixel reads is laid out for as many images at a time as
 * memory of a bounded size takes; a window of one pixel needs none.
 */
final class Convolutions implements ConvolutionKernels {

  /** Bytes that are laid out at a time, unless one image needs more. */
  private static final long MOST_BYTES = 512L << 20;

  private final Kernels kernels;
  private final Gemm gemm;

  /** Any product, as {@link dev.mezzo.backend.Backend#gemm}. */
  interface Gemm {
    void run(GemmShape shape, Matrix a, Matrix b, Matrix c, Epilogue epilogue);
  }

  Convolutions(Kernels kernels, Gemm gemm) {
    this.kernels = kernels;
    this.gemm = gemm;
  }

  @Override
  public void forward(ConvolutionShape s, Operand x, Operand weight, Operand y, Epilogue epilogue) {
    if (s.geometry().groups() > 1) {
      kernels.each("convolveGroups", y.size(), struct(s), x, weight, y, Products.struct(epilogue));
      return;
    }
    int k = depth(s);
    chunks(
        s,
        x.dtype(),
        (first, images, columns) -> {
          int rows = images * pixels(s);
          Operand read = unfolded(s, x, first, images, columns);
          Operand part =
              y.slice((long) first * pixels(s) * s.outChannels(), (long) rows * s.outChannels());
          gemm.run(
              new GemmShape(rows, s.outChannels(), k),
              new Matrix(read, false, k),
              new Matrix(weight, true, k),
              new Matrix(part, false, s.outChannels()),
              epilogue);
        });
  }

  @Override
  public void gradientX(
      ConvolutionShape s, Operand dy, Operand weight, Operand dx, Epilogue epilogue) {
    Arguments.ByValue after = Products.struct(epilogue);
    if (s.geometry().groups() > 1) {
      kernels.each("convolveGroupsGradientX", dx.size(), struct(s), dy, weight, dx, after);
      return;
    }
    if (s.ySize() == 0 || s.isProduct()) {
      product(s, dy, weight, dx, epilogue);
      return;
    }
    int k = depth(s);
    chunks(
        s,
        DType.FP32,
        (first, images, columns) -> {
          int rows = images * pixels(s);
          Operand part =
              dy.slice((long) first * pixels(s) * s.outChannels(), (long) rows * s.outChannels());
          gemm.run(
              new GemmShape(rows, k, s.outChannels()),
              new Matrix(part, false, s.outChannels()),
              new Matrix(weight, false, k),
              new Matrix(columns, false, k),
              Epilogue.NONE);
          long elements = (long) images * s.height() * s.width() * s.inChannels();
          MemorySegment data = columns.data();
          kernels.each("fold", elements, struct(s), data, dx, (long) first, (long) images, after);
        });
  }

  /** dx where each pixel gave one: a product; and of no dy, the epilogue of 0. */
  private void product(
      ConvolutionShape s, Operand dy, Operand weight, Operand dx, Epilogue epilogue) {
    int rows = Math.toIntExact((long) s.batch() * s.height() * s.width());
    int k = s.ySize() == 0 ? 0 : s.outChannels();
    gemm.run(
        new GemmShape(rows, s.inChannels(), k),
        new Matrix(dy, false, s.outChannels()),
        new Matrix(weight, false, s.inChannels()),
        new Matrix(dx, false, s.inChannels()),
        epilogue);
  }

  @Override
  public void gradientWeight(ConvolutionShape s, Operand dy, Operand x, Operand dWeight) {
    if (s.geometry().groups() > 1) {
      kernels.blocks("convolveGroupsGradientWeight", dWeight.size(), struct(s), dy, x, dWeight);
      return;
    }
    int k = depth(s);
    if (s.ySize() == 0) {
      if (!dWeight.adds()) {
        kernels.eights("fill", dWeight.size(), dWeight, dWeight.size(), 0f);
      }
      return;
    }
    boolean whole = s.isProduct() || images(s, x.dtype()) >= s.batch();
    MemorySegment memory = kernels.accumulators(whole ? 0 : dWeight.size() * Float.BYTES);
    Operand sums = whole ? dWeight : new Operand(memory, DType.FP32, dWeight.size());
    chunks(
        s,
        x.dtype(),
        (first, images, columns) -> {
          int rows = images * pixels(s);
          Operand part =
              dy.slice((long) first * pixels(s) * s.outChannels(), (long) rows * s.outChannels());
          Operand read = unfolded(s, x, first, images, columns);
          gemm.run(
              new GemmShape(s.outChannels(), k, rows),
              new Matrix(part, true, s.outChannels()),
              new Matrix(read, false, k),
              new Matrix(sums, false, k),
              Epilogue.adding(first > 0 || sums.adds()));
        });
    if (!whole) {
      kernels.eights("cast", dWeight.size(), sums, dWeight, dWeight.size());
    }
  }

  /** What the pixels of some images read: x itself where that is one pixel each. */
  private Operand unfolded(ConvolutionShape s, Operand x, int first, int images, Operand columns) {
    if (s.isProduct()) {
      return x;
    }
    long rows = (long) images * pixels(s) * s.kernelHeight() * s.kernelWidth();
    long threads = rows * Math.ceilDiv(s.inChannels(), Kernels.WIDTH);
    kernels.each("unfold", threads, struct(s), x, columns, (long) first, (long) images);
    return columns;
  }

  /** Some images, and memory for what they read. */
  private interface Chunk {
    void run(int first, int images, Operand columns);
  }

  private void chunks(ConvolutionShape s, DType dtype, Chunk chunk) {
    if (s.isProduct()) {
      chunk.run(0, s.batch(), new Operand(MemorySegment.NULL, dtype, 0));
      return;
    }
    int at = Math.min(s.batch(), images(s, dtype));
    long size = (long) at * pixels(s) * depth(s);
    Operand columns = new Operand(kernels.workspace(size * dtype.bytes()), dtype, size);
    for (int first = 0; first < s.batch(); first += at) {
      int images = Math.min(at, s.batch() - first);
      chunk.run(first, images, columns.slice(0, (long) images * pixels(s) * depth(s)));
    }
  }

  /**
   * How many images are laid out at a time, at least 1; a product has no more than 2³¹ − 1 rows.
   */
  private static int images(ConvolutionShape s, DType dtype) {
    long rows = Math.max(1, pixels(s));
    long bytes = Math.max(1, rows * depth(s) * dtype.bytes());
    return (int) Math.clamp(MOST_BYTES / bytes, 1, Integer.MAX_VALUE / rows);
  }

  private static int pixels(ConvolutionShape s) {
    return s.outHeight() * s.outWidth();
  }

  private static int depth(ConvolutionShape s) {
    return s.kernelHeight() * s.kernelWidth() * s.inChannels();
  }

  /** The struct {@code Convolution}. */
  private static Arguments.ByValue struct(ConvolutionShape s) {
    Convolution g = s.geometry();
    return new Struct()
        .add((long) s.batch())
        .add(s.height())
        .add(s.width())
        .add(s.inChannels())
        .add(s.outChannels())
        .add(s.outHeight())
        .add(s.outWidth())
        .add(s.kernelHeight())
        .add(s.kernelWidth())
        .add(g.strideHeight())
        .add(g.strideWidth())
        .add(g.paddingHeight())
        .add(g.paddingWidth())
        .add(g.dilationHeight())
        .add(g.dilationWidth())
        .add(g.groups())
        .value();
  }
}
