package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Formulas.TINY;
import static dev.mezzo.backend.conformance.Formulas.U;
import static dev.mezzo.backend.conformance.KernelCase.same;

import dev.mezzo.backend.ConvolutionShape;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Convolutions and both gradients: every number of the geometry in turn, awkward sizes. */
final class ConvolutionCases {

  private static final Convolution PLAIN = Convolution.of();

  /** Each number of the geometry alone, and some of them together. */
  private static final ConvolutionShape[] SHAPES = {
    shape(2, 7, 6, 3, 5, 3, 3, PLAIN),
    shape(1, 5, 9, 1, 4, 3, 3, PLAIN.withPadding(1)),
    shape(2, 9, 8, 3, 17, 3, 3, PLAIN.withStride(2).withPadding(1)),
    shape(1, 8, 9, 4, 3, 3, 2, PLAIN.withStride(3, 2).withPadding(0, 1)),
    shape(1, 11, 10, 2, 3, 3, 3, PLAIN.withDilation(2, 3).withPadding(2, 3)),
    shape(1, 12, 11, 2, 5, 3, 3, PLAIN.withStride(2).withDilation(3).withPadding(2)),
    shape(2, 6, 7, 5, 3, 1, 1, PLAIN),
    shape(2, 6, 7, 5, 3, 1, 1, PLAIN.withStride(2)),
    shape(1, 6, 5, 6, 9, 3, 3, PLAIN.withGroups(3).withPadding(1)),
    shape(2, 7, 6, 40, 34, 3, 3, PLAIN.withGroups(2).withStride(2).withPadding(1)),
    shape(1, 6, 5, 32, 32, 3, 3, PLAIN.withGroups(8).withPadding(1)),
    shape(2, 5, 7, 16, 16, 2, 3, PLAIN.withGroups(8).withStride(2).withPadding(1)),
    shape(2, 5, 4, 12, 24, 3, 3, PLAIN.withGroups(12).withPadding(1)),
    shape(1, 4, 5, 36, 12, 3, 3, PLAIN.withGroups(12).withPadding(1)),
    shape(2, 7, 9, 5, 5, 3, 3, PLAIN.withGroups(5).withPadding(1)),
    shape(1, 8, 7, 19, 19, 3, 2, PLAIN.withGroups(19).withStride(2).withPadding(1)),
    shape(3, 1, 17, 4, 6, 1, 5, PLAIN.withPadding(0, 2)),
    shape(1, 21, 13, 1, 3, 11, 5, PLAIN.withStride(2).withPadding(5, 2)),
    shape(2, 2, 2, 3, 4, 3, 3, PLAIN.withPadding(1)),
    shape(1, 3, 3, 2, 2, 3, 3, PLAIN),
    shape(0, 5, 5, 3, 4, 3, 3, PLAIN.withPadding(1)),
    shape(2, 5, 5, 3, 4, 3, 3, PLAIN.withPadding(4)),
    shape(2, 6, 8, 3, 5, 3, 2, PLAIN.withStride(3, 2)),
    shape(2, 9, 4, 3, 5, 3, 4, PLAIN.withStride(3)),
    shape(3, 1, 2, 3, 17, 3, 3, PLAIN.withStride(2).withPadding(1)),
    shape(1, 6, 9, 19, 19, 5, 5, PLAIN.withGroups(19).withPadding(2)),
    shape(1, 9, 6, 3, 5, 3, 3, PLAIN.withDilation(2, 1).withStride(1, 2).withPadding(1))
  };

  /**
   * 3×3 kernels that visit every pixel, of enough channels: whole tiles, parts of them, margins.
   */
  private static final ConvolutionShape[] TILED = {
    shape(2, 8, 8, 16, 16, 3, 3, PLAIN.withPadding(1)),
    shape(1, 14, 13, 17, 33, 3, 3, PLAIN.withPadding(1)),
    shape(3, 4, 4, 32, 16, 3, 3, PLAIN.withPadding(1)),
    shape(1, 7, 10, 16, 48, 3, 3, PLAIN),
    shape(1, 6, 6, 20, 18, 3, 3, PLAIN.withPadding(2)),
    shape(2, 2, 2, 16, 16, 3, 3, PLAIN.withPadding(1)),
    shape(1, 3, 5, 16, 16, 3, 3, PLAIN),
    shape(1, 5, 5, 16, 16, 3, 3, PLAIN.withPadding(3)),
    shape(5, 9, 3, 24, 40, 3, 3, PLAIN.withPadding(1)),
    shape(2, 7, 9, 51, 60, 3, 3, PLAIN.withGroups(3).withPadding(1))
  };

  private static final List<List<DType>> TYPES =
      List.of(
          List.of(DType.FP32, DType.FP32, DType.FP32),
          List.of(DType.FP16, DType.FP16, DType.FP16),
          List.of(DType.BF16, DType.BF16, DType.BF16),
          List.of(DType.FP16, DType.BF16, DType.FP32));

  private ConvolutionCases() {}

  private static ConvolutionShape shape(
      int n, int h, int w, int in, int out, int kh, int kw, Convolution geometry) {
    return new ConvolutionShape(n, h, w, in, out, kh, kw, geometry);
  }

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (Pass pass : Pass.values()) {
      add(cases, pass, "", SHAPES);
      add(cases, pass, ", tiled", TILED);
      cases.add(
          new KernelCase(
              pass + " of special values",
              same(3),
              indices(TILED),
              (bench, i, types) -> special(bench, pass, TILED[i], types)));
    }
    for (Unary activation : List.of(Unary.RELU, Unary.TANH)) {
      cases.add(
          new KernelCase(
              "convolution with bias and " + activation,
              TYPES,
              indices(SHAPES),
              (bench, i, types) -> run(bench, Pass.FORWARD, SHAPES[i], types, true, activation)));
    }
    cases.add(
        new KernelCase(
            "transposed convolution with bias",
            TYPES,
            indices(SHAPES),
            (bench, i, types) -> run(bench, Pass.GRADIENT_X, SHAPES[i], types, true, null)));
    return cases;
  }

  private static void add(
      List<KernelCase> cases, Pass pass, String suffix, ConvolutionShape[] shapes) {
    cases.add(
        new KernelCase(
            pass + suffix,
            TYPES,
            indices(shapes),
            (bench, i, types) -> run(bench, pass, shapes[i], types, false, null)));
  }

  private static int[] indices(ConvolutionShape[] shapes) {
    int[] indices = new int[shapes.length];
    Arrays.setAll(indices, i -> i);
    return indices;
  }

  private static void run(
      Bench bench,
      Pass pass,
      ConvolutionShape shape,
      List<DType> types,
      boolean biased,
      @Nullable Unary activation) {
    Buffer left = bench.operand(types.get(0), pass.left(shape));
    Buffer right = bench.operand(types.get(1), pass.right(shape));
    int channels = pass == Pass.FORWARD ? shape.outChannels() : shape.inChannels();
    Buffer bias = bench.operand(DType.FP32, biased ? channels : 0);
    Epilogue epilogue = new Epilogue(biased ? bias.operand() : null, activation, false);
    check(bench, pass, shape, left, right, types.get(2), epilogue, bias.get());
  }

  /** NaN and ±Inf in one place: they reach what reads them. */
  private static void special(Bench bench, Pass pass, ConvolutionShape shape, List<DType> types) {
    double[] values = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    for (double value : values) {
      double[] left = bench.random().doubles(pass.left(shape), 0.5, 2).toArray();
      left[left.length / 3] = value;
      Buffer right = bench.operand(types.get(1), pass.right(shape));
      Buffer special = bench.values(types.get(0), left);
      check(bench, pass, shape, special, right, types.get(2), Epilogue.NONE, new double[0]);
    }
  }

  private static void check(
      Bench bench,
      Pass pass,
      ConvolutionShape shape,
      Buffer left,
      Buffer right,
      DType to,
      Epilogue epilogue,
      double[] bias) {
    Buffer result = bench.result(to, pass.result(shape));
    result.set(bench.random().doubles(result.size(), -3, 3).toArray());
    pass.kernel(bench, shape, left, right, result, epilogue);
    ConvolutionReference reference = new ConvolutionReference(shape, pass, left.get(), right.get());
    double[] expected = new double[result.size()];
    double[] error = new double[result.size()];
    Unary f = epilogue.activation();
    for (int i = 0; i < expected.length; i++) {
      double added = bias.length == 0 ? 0 : bias[i % bias.length];
      double sum = reference.sums()[i] + added;
      double margin = reference.error(i, to) + U * 4 * Math.abs(added) + TINY;
      expected[i] = f == null ? sum : Formulas.value(f, sum);
      error[i] = f == null ? margin : Formulas.error(f, sum) + margin * 1.2;
    }
    bench.check(result, expected, error);
  }

  /** The three kernels. */
  enum Pass {
    FORWARD("convolution"),
    GRADIENT_X("convolution's gradient by x"),
    GRADIENT_WEIGHT("convolution's gradient by the weight");

    private final String name;

    Pass(String name) {
      this.name = name;
    }

    int left(ConvolutionShape shape) {
      return (int) (this == FORWARD ? shape.xSize() : shape.ySize());
    }

    int right(ConvolutionShape shape) {
      return (int) (this == GRADIENT_WEIGHT ? shape.xSize() : shape.weightSize());
    }

    int result(ConvolutionShape shape) {
      return (int)
          switch (this) {
            case FORWARD -> shape.ySize();
            case GRADIENT_X -> shape.xSize();
            case GRADIENT_WEIGHT -> shape.weightSize();
          };
    }

    void kernel(
        Bench bench, ConvolutionShape shape, Buffer left, Buffer right, Buffer to, Epilogue e) {
      var kernels = bench.backend().convolutions();
      switch (this) {
        case FORWARD -> kernels.forward(shape, left.operand(), right.operand(), to.operand(), e);
        case GRADIENT_X ->
            kernels.gradientX(shape, left.operand(), right.operand(), to.operand(), e);
        case GRADIENT_WEIGHT ->
            kernels.gradientWeight(shape, left.operand(), right.operand(), to.operand());
      }
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
