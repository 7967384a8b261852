package dev.mezzo.backend.vector;

import dev.mezzo.backend.ConvolutionKernels;
import dev.mezzo.backend.ConvolutionShape;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.Convolution;
import java.util.ArrayList;
import java.util.List;

/**
 * Convolutions, each by the way that suits its shape: a product of matrices where the kernel is a
 * pixel, channel by channel where groups have few, Winograd's where 3×3 kernels visit every pixel
 * and the result is in 16 bits, else by the definition.
 */
final class Convolutions implements ConvolutionKernels {

  /** Channels below which Winograd's transforms cost more than they save. */
  private static final int FEW = 16;

  /** Products that cost as much as bringing an element of the kernel to its place. */
  private static final int KERNEL = 55;

  /** Elements of a 3×3 kernel's pixel from which on that is so; less in a smaller one. */
  private static final int NEAR = 4096;

  /** And back, in the weights' gradient. */
  private static final int KERNEL_GRADIENT = 20;

  /** Most elements of a transformed kernel: 1 GiB. */
  private static final long LARGEST = 1L << 28;

  private final Workers workers;
  private final Gemm gemm;

  Convolutions(Workers workers, Gemm gemm) {
    this.workers = workers;
    this.gemm = gemm;
  }

  @Override
  public void forward(
      ConvolutionShape given, Operand x, Operand weight, Operand y, Epilogue epilogue) {
    if (given.ySize() == 0) {
      return;
    }
    ConvolutionShape shape = folded(given, true);
    if (shape.isProduct() && shape.geometry().groups() == 1) {
      GemmShape product = product(shape, shape.outChannels(), shape.inChannels());
      Matrix pixels = new Matrix(x, false, shape.inChannels());
      Matrix weights = new Matrix(weight, true, shape.inChannels());
      Matrix result = new Matrix(y, false, shape.outChannels());
      gemm.run(product, pixels, weights, result, epilogue);
      return;
    }
    Plane from = source(shape, x);
    Plane to = target(shape, y);
    Taps taps = forwardTaps(shape);
    Correlation.Part all = new Correlation.Part(shape.batch(), 0, 1, shape.outHeight());
    if (ChannelConvolution.takes(shape)) {
      ChannelConvolution.run(
          workers, from, to, taps, ChannelGroups.of(shape, false), all, weight, epilogue);
      return;
    }
    KernelWeights weights = KernelWeights.of(shape, weight, false, workers);
    Correlation definition = new Correlation(from, to, taps, all, weights, epilogue);
    int m = tile(shape, y, shape.outHeight(), shape.outWidth(), KERNEL);
    if (m == 0) {
      definition.run(workers);
    } else {
      int padding = shape.geometry().paddingHeight();
      winograd(m, shape, from, padding, to, weights, epilogue, definition);
    }
  }

  @Override
  public void gradientX(
      ConvolutionShape given, Operand dy, Operand weight, Operand dx, Epilogue epilogue) {
    if (given.xSize() == 0) {
      return;
    }
    ConvolutionShape shape = folded(given, epilogue.bias() == null); // a product's is by column
    if (shape.isProduct() && shape.geometry().groups() == 1) {
      GemmShape product = product(shape, shape.inChannels(), shape.outChannels());
      Matrix pixels = new Matrix(dy, false, shape.outChannels());
      Matrix weights = new Matrix(weight, false, shape.inChannels());
      Matrix result = new Matrix(dx, false, shape.inChannels());
      gemm.run(product, pixels, weights, result, epilogue);
      return;
    }
    List<Phase> phases = phases(shape);
    Plane from = target(shape, dy);
    Plane to = source(shape, dx);
    if (ChannelConvolution.takes(shape)) {
      for (Phase phase : phases) {
        ChannelGroups groups = ChannelGroups.of(shape, true);
        ChannelConvolution.run(
            workers, from, to, phase.taps(), groups, phase.part(), weight, epilogue);
      }
      return;
    }
    KernelWeights weights = KernelWeights.of(shape, weight, true, workers);
    for (Phase phase : phases) {
      Correlation definition =
          new Correlation(from, to, phase.taps(), phase.part(), weights, epilogue);
      int m = tile(shape, dx, shape.height(), shape.width(), KERNEL);
      if (m == 0 || shape.geometry().paddingHeight() > 2) {
        definition.run(workers);
      } else {
        int padding = 2 - shape.geometry().paddingHeight();
        winograd(m, shape, from, padding, to, weights, epilogue, definition);
      }
    }
  }

  /** The rows of dx that have the same place in the steps of the window, and what they read. */
  private record Phase(Correlation.Part part, Taps taps) {}

  private static List<Phase> phases(ConvolutionShape shape) {
    Convolution g = shape.geometry();
    int step = g.strideHeight();
    List<Phase> phases = new ArrayList<>();
    for (int row = 0; row < Math.min(step, shape.height()); row++) {
      int rows = Math.ceilDiv(shape.height() - row, step);
      List<List<Taps.Tap>> byColumn = new ArrayList<>();
      for (int column = 0; column < Math.min(g.strideWidth(), shape.width()); column++) {
        byColumn.add(backwardTaps(shape, row, column));
      }
      Correlation.Part part = new Correlation.Part(shape.batch(), row, step, rows);
      phases.add(new Phase(part, new Taps(byColumn, 1, 1)));
    }
    return phases;
  }

  @Override
  public void gradientWeight(ConvolutionShape given, Operand dy, Operand x, Operand dWeight) {
    if (given.weightSize() == 0) {
      return;
    }
    ConvolutionShape shape = folded(given, true);
    if (shape.ySize() == 0) {
      if (!dWeight.adds()) {
        dWeight.data().fill((byte) 0);
      }
      return;
    }
    if (shape.isProduct() && shape.geometry().groups() == 1) {
      int pixels = Math.toIntExact(shape.xSize() / Math.max(1, shape.inChannels()));
      gemm.run(
          new GemmShape(shape.outChannels(), shape.inChannels(), pixels),
          new Matrix(dy, true, shape.outChannels()),
          new Matrix(x, false, shape.inChannels()),
          new Matrix(dWeight.plain(), false, shape.inChannels()),
          Epilogue.adding(dWeight.adds()));
      return;
    }
    Plane from = source(shape, x);
    Plane of = target(shape, dy);
    Taps taps = forwardTaps(shape);
    if (ChannelConvolution.takes(shape)) {
      ChannelConvolution.gradientWeight(workers, shape, from, of, taps, dWeight);
      return;
    }
    int m = tile(shape, dWeight, shape.outHeight(), shape.outWidth(), KERNEL_GRADIENT);
    if (m == 0 || !winogradGradient(m, shape, from, of, dWeight)) {
      new WeightGradient(shape, from, of, taps, workers.callers()).run(workers, dWeight);
    }
  }

  /** The gradient by the weights. Returns whether it is finite; else it is to be overwritten. */
  private boolean winogradGradient(
      int m, ConvolutionShape shape, Plane x, Plane dy, Operand dWeight) {
    Convolution g = shape.geometry();
    Scratch shared = workers.callers();
    return new WinogradWeightGradient(
            m, shape.batch(), x, g.paddingHeight(), dy, g.groups(), dWeight, shared)
        .run(workers);
  }

  private void winograd(
      int m,
      ConvolutionShape shape,
      Plane from,
      int padding,
      Plane to,
      KernelWeights weights,
      Epilogue epilogue,
      Correlation definition) {
    new Winograd(
            m,
            shape.batch(),
            from,
            padding,
            to,
            weights,
            epilogue,
            definition,
            workers.callers(),
            workers.threads())
        .run(workers);
  }

  /**
   * The side of Winograd's tiles that takes the least time, by multiplications and what the kernel
   * costs by itself; 0 for the definition.
   */
  private static int tile(ConvolutionShape shape, Operand result, int height, int width, int most) {
    Convolution g = shape.geometry();
    boolean takes =
        result.dtype().isHalf()
            && shape.kernelHeight() == 3
            && shape.kernelWidth() == 3
            && g.paddingHeight() == g.paddingWidth()
            && g.equals(Convolution.of().withPadding(g.paddingHeight()).withGroups(g.groups()))
            && Math.min(shape.groupIn(), shape.groupOut()) >= FEW
            && g.groups() * Winograd.kernelSize(4, shape.groupIn(), shape.groupOut()) <= LARGEST
            && g.groups() * WinogradWeightGradient.size(4, shape.groupIn(), shape.groupOut())
                <= LARGEST;
    if (!takes) {
      return 0;
    }
    long images = shape.batch();
    long kernel = most * Math.min(NEAR, (long) shape.groupIn() * shape.groupOut()) / NEAR;
    long four = 36 * (images * Math.ceilDiv(height, 4) * Math.ceilDiv(width, 4) + kernel);
    long two = 16 * (images * Math.ceilDiv(height, 2) * Math.ceilDiv(width, 2) + kernel);
    long none = 9 * (images * height * width + kernel);
    return Math.min(four, two) >= none ? 0 : four < two ? 4 : 2;
  }

  private static GemmShape product(ConvolutionShape shape, int n, int k) {
    return new GemmShape(
        Math.multiplyExact(Math.multiplyExact(shape.batch(), shape.height()), shape.width()), n, k);
  }

  private static Plane source(ConvolutionShape shape, Operand x) {
    return new Plane(x, shape.height(), shape.width(), shape.inChannels());
  }

  private static Plane target(ConvolutionShape shape, Operand y) {
    return new Plane(y, shape.outHeight(), shape.outWidth(), shape.outChannels());
  }

  private static Taps forwardTaps(ConvolutionShape shape) {
    Convolution g = shape.geometry();
    List<Taps.Tap> taps = new ArrayList<>();
    for (int i = 0; i < shape.kernelHeight(); i++) {
      int row = i * g.dilationHeight() - g.paddingHeight();
      for (int j = 0; j < shape.kernelWidth(); j++) {
        int column = j * g.dilationWidth() - g.paddingWidth();
        if (reads(row, g.strideHeight(), shape.outHeight(), shape.height())
            && reads(column, g.strideWidth(), shape.outWidth(), shape.width())) {
          taps.add(new Taps.Tap(row, column, i * shape.kernelWidth() + j));
        }
      }
    }
    return new Taps(List.of(taps), g.strideHeight(), g.strideWidth());
  }

  /** What pixels (row + i·stride, column + j·stride) of dx read of dy at (i, j): maybe nothing. */
  private static List<Taps.Tap> backwardTaps(ConvolutionShape shape, int row, int column) {
    Convolution g = shape.geometry();
    int rows = Math.ceilDiv(shape.height() - row, g.strideHeight());
    int columns = Math.ceilDiv(shape.width() - column, g.strideWidth());
    List<Taps.Tap> taps = new ArrayList<>();
    for (int i = 0; i < shape.kernelHeight(); i++) {
      int down = row + g.paddingHeight() - i * g.dilationHeight();
      for (int j = 0; j < shape.kernelWidth(); j++) {
        int across = column + g.paddingWidth() - j * g.dilationWidth();
        if (down % g.strideHeight() == 0
            && across % g.strideWidth() == 0
            && reads(down / g.strideHeight(), 1, rows, shape.outHeight())
            && reads(across / g.strideWidth(), 1, columns, shape.outWidth())) {
          taps.add(
              new Taps.Tap(
                  down / g.strideHeight(), across / g.strideWidth(), i * shape.kernelWidth() + j));
        }
      }
    }
    return taps;
  }

  /** Whether one of {@code i·step + distance}, i below {@code count}, is within {@code size}. */
  private static boolean reads(int distance, int step, int count, int size) {
    int i = Math.max(0, Math.ceilDiv(-distance, step));
    return i < count && i * step + distance < size;
  }

  /**
   * The same convolution, its kernel's columns taken for channels where windows lie side by side:
   * one pixel wide. Where it is a column of such windows in all, a product of matrices.
   *
   * @param wholly whether rows may be taken for channels, too
   */
  private static ConvolutionShape folded(ConvolutionShape s, boolean wholly) {
    Convolution g = s.geometry();
    if (g.groups() > 1
        || !sideBySide(
            s.width(), s.kernelWidth(), g.strideWidth(), g.paddingWidth(), g.dilationWidth())) {
      return s;
    }
    Convolution down =
        new Convolution(
            g.strideHeight(), 1, g.paddingHeight(), 0, g.dilationHeight(), 1, g.groups());
    int columns = s.width() / s.kernelWidth();
    int in = Math.multiplyExact(s.inChannels(), s.kernelWidth());
    if (wholly
        && columns == 1
        && sideBySide(
            s.height(),
            s.kernelHeight(),
            g.strideHeight(),
            g.paddingHeight(),
            g.dilationHeight())) {
      int all = Math.multiplyExact(in, s.kernelHeight());
      int rows = s.height() / s.kernelHeight();
      return new ConvolutionShape(s.batch(), rows, 1, all, s.outChannels(), 1, 1, Convolution.of());
    }
    return new ConvolutionShape(
        s.batch(), s.height(), columns, in, s.outChannels(), s.kernelHeight(), 1, down);
  }

  private static boolean sideBySide(int size, int kernel, int stride, int padding, int dilation) {
    return padding == 0
        && (dilation == 1 || kernel == 1)
        && ((stride == kernel && size % kernel == 0) || size == kernel);
  }
}
