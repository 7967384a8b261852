package dev.mezzo;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.vector.VectorBackend;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Gradients that are added to others in their memory. */
class GradientSumTest {

  private static final int OUT = 37;
  private static final int IN = 65;
  private static final int ROWS = 29;

  private final Device device = Device.of(new VectorBackend(2));
  private final Random random = new Random(4);

  @Test
  void aWeightsGradientIsAddedWithoutMemoryOfItsOwn() {
    for (DType dtype : DType.values()) {
      if (dtype.isFloat()) {
        Tensor dy = tensor(dtype, ROWS, OUT);
        Tensor x = tensor(dtype, ROWS, IN);
        Tensor sum = tensor(dtype, OUT, IN);
        assertSame(
            sum,
            unallocated(() -> MatrixGradients.linearGradientWeight(GradientSum.of(sum), dy, x)));
        Tensor dx = tensor(dtype, ROWS, IN);
        Tensor weight = tensor(dtype, OUT, IN);
        assertSame(
            dx,
            unallocated(
                () ->
                    MatrixGradients.linearGradientX(GradientSum.of(dx), dy, weight, dx.layout())));
      }
    }
  }

  @Test
  void theSumHasTheBitsOfAnAdditionInFp32() {
    Tensor dy = tensor(DType.FP32, ROWS, OUT);
    Tensor x = tensor(DType.FP32, ROWS, IN);
    Tensor sum = tensor(DType.FP32, OUT, IN);
    Tensor apart = Ops.add(sum, MatrixGradients.linearGradientWeight(dy, x));
    Tensor added = MatrixGradients.linearGradientWeight(GradientSum.of(sum), dy, x);
    assertArrayEquals(apart.toFloats(), added.toFloats());
  }

  @Test
  void productsOfBatchesAreAddedToo() {
    Layout b = new Layout(Shape.of(IN, OUT), DType.FP32, false);
    for (Shape outer : new Shape[] {Shape.of(1), Shape.of(3)}) {
      Tensor dy = tensor(DType.FP32, outer.dim(0), ROWS, OUT);
      Tensor a = tensor(DType.FP32, outer.dim(0), ROWS, IN);
      Tensor sum = tensor(DType.FP32, IN, OUT);
      Tensor alone = MatrixGradients.matmulGradientB(dy, a, b);
      float[] apart = Ops.add(sum, alone).toFloats();
      Tensor added =
          unallocated(() -> MatrixGradients.matmulGradientB(GradientSum.of(sum), dy, a, b));
      assertArrayEquals(apart, added.toFloats(), 1e-5f);
    }
  }

  @Test
  void whatSomebodyElseReadsIsNotWrittenTo() {
    Tensor dy = tensor(DType.FP16, ROWS, OUT);
    Tensor x = tensor(DType.FP16, ROWS, IN);
    Tensor shared = tensor(DType.FP16, OUT, IN);
    float[] before = shared.toFloats();
    Tensor added = MatrixGradients.linearGradientWeight(GradientSum.of(shared.retain()), dy, x);
    assertArrayEquals(before, shared.toFloats());
    Tensor alone = MatrixGradients.linearGradientWeight(dy, x);
    assertArrayEquals(Ops.add(shared, alone).toFloats(), added.toFloats());
  }

  @Test
  void aSumIsRoundedOnce() {
    Tensor dy = one(1f);
    Tensor x = one(1f + 0x1p-10f);
    Tensor sum = one(2048f);
    Tensor added = MatrixGradients.linearGradientWeight(GradientSum.of(sum), dy, x);
    // FP16 has steps of 2 there: 2049 would be a tie, to 2048
    assertEquals(2050f, added.item());
  }

  @Test
  void anExpressionsGradientIsAddedInOnePassWithoutMemoryOfItsOwn() {
    Fused gradient = Fused.of("(dy, x) -> siluGradient(dy, x), dy * x");
    for (DType dtype : new DType[] {DType.FP32, DType.FP16, DType.BF16}) {
      Tensor dy = tensor(dtype, ROWS, IN);
      Tensor x = tensor(dtype, ROWS, IN);
      Tensor dx = tensor(dtype, ROWS, IN);
      Tensor apart = Ops.add(dx, ActivationGradients.siluGradient(dy, x));
      Tensor added =
          unallocated(
              () ->
                  gradient
                      .on(dy, x)
                      .adding(GradientSum.of(dx), GradientSum.none())
                      .gradients(x.layout(), null)[0]);
      assertSame(dx, added);
      double u = dtype == DType.FP32 ? 0 : dtype == DType.FP16 ? 0x1p-11 : 0x1p-8;
      float[] found = added.toFloats();
      float[] expected = apart.toFloats();
      for (int i = 0; i < found.length; i++) {
        assertEquals(expected[i], found[i], u * (2 * Math.abs(found[i]) + 4));
      }
    }
  }

  @Test
  void anExpressionsGradientOfWhatIsRepeatedIsReducedIntoTheSum() {
    Fused gradient = Fused.of("(dy, x, gain) -> dy * gain, dy * x, dy");
    Tensor dy = tensor(DType.FP32, ROWS, IN);
    Tensor x = tensor(DType.FP32, ROWS, IN);
    Tensor gain = tensor(DType.FP32, IN);
    Tensor dGain = tensor(DType.FP32, IN);
    Tensor dBias = tensor(DType.FP32, IN);
    float[][] apart = {
      ElementwiseGradients.multiplyGradientA(dy, gain, x.layout()).toFloats(),
      Ops.add(dGain, ElementwiseGradients.multiplyGradientB(dy, x, gain.layout())).toFloats(),
      Ops.add(dBias, ElementwiseGradients.addGradientB(dy, gain.layout())).toFloats()
    };
    @Nullable Tensor[] sums =
        gradient
            .on(dy, x, gain)
            .adding(GradientSum.none(), GradientSum.of(dGain), GradientSum.of(dBias))
            .gradients(x.layout(), gain.layout(), gain.layout());
    assertSame(dGain, sums[1]);
    assertSame(dBias, sums[2]);
    for (int i = 0; i < sums.length; i++) {
      assertArrayEquals(apart[i], requireNonNull(sums[i]).toFloats(), i == 0 ? 0 : 1e-5f);
    }
  }

  @Test
  void equalGradientsOfTwoOperandsGoToTheirOwnSums() {
    Fused gradient = Fused.of("(dy, y) -> tanhGradient(dy, y), tanhGradient(dy, y)");
    Tensor dy = tensor(DType.FP16, ROWS, IN);
    Tensor y = tensor(DType.FP16, ROWS, IN);
    Tensor first = tensor(DType.FP16, ROWS, IN);
    Tensor second = tensor(DType.FP16, ROWS, IN);
    Tensor alone = ElementwiseGradients.tanhGradient(dy, y);
    float[][] apart = {Ops.add(first, alone).toFloats(), Ops.add(second, alone).toFloats()};
    @Nullable Tensor[] sums = new Tensor[2];
    unallocated(
        () -> {
          @Nullable Tensor[] both =
              gradient
                  .on(dy, y)
                  .adding(GradientSum.of(first), GradientSum.of(second))
                  .gradients(y.layout(), y.layout());
          System.arraycopy(both, 0, sums, 0, 2);
          return requireNonNull(both[0]);
        });
    assertSame(first, sums[0]);
    assertSame(second, sums[1]);
    for (int k = 0; k < 2; k++) {
      float[] found = requireNonNull(sums[k]).toFloats();
      for (int i = 0; i < found.length; i++) {
        assertEquals(apart[k][i], found[i], 0x1p-10 * (Math.abs(found[i]) + 2));
      }
    }
  }

  @Test
  void anotherFactorsGradientIsAddedWithoutMemoryOfItsOwn() {
    Tensor dy = tensor(DType.FP16, ROWS, IN);
    Tensor a = tensor(DType.FP16, ROWS, IN);
    Tensor b = tensor(DType.FP32, ROWS, IN).fill(0.75f);
    Layout layout = a.layout();
    Tensor[] sums = {
      tensor(DType.FP16, ROWS, IN), tensor(DType.FP16, ROWS, IN), tensor(DType.FP32, ROWS, IN)
    };
    float[][] apart = {
      Ops.add(sums[0], ElementwiseGradients.multiplyGradientA(dy, b, layout)).toFloats(),
      Ops.add(sums[1], ElementwiseGradients.divideGradientA(dy, b, layout)).toFloats(),
      Ops.add(sums[2], ElementwiseGradients.divideGradientB(dy, a, b)).toFloats()
    };
    List<Supplier<Tensor>> gradients =
        List.of(
            () -> ElementwiseGradients.multiplyGradientA(GradientSum.of(sums[0]), dy, b, layout),
            () -> ElementwiseGradients.divideGradientA(GradientSum.of(sums[1]), dy, b, layout),
            () -> ElementwiseGradients.divideGradientB(GradientSum.of(sums[2]), dy, a, b));
    for (int k = 0; k < sums.length; k++) {
      Tensor added = unallocated(gradients.get(k));
      assertSame(sums[k], added);
      float[] found = added.toFloats();
      for (int i = 0; i < found.length; i++) {
        assertEquals(apart[k][i], found[i], 0x1p-10 * (Math.abs(found[i]) + 8));
      }
    }
  }

  @Test
  void aTransposedWeightsGradientIsAddedToTheWeights() {
    for (DType dtype : new DType[] {DType.FP32, DType.FP16}) {
      Tensor dy = tensor(dtype, ROWS, OUT);
      Tensor x = tensor(dtype, ROWS, IN);
      Tensor sum = tensor(dtype, OUT, IN);
      Tensor view = Ops.transpose(tensor(dtype, OUT, IN));
      Tensor linear = MatrixGradients.linearGradientWeight(GradientSum.of(copy(sum)), dy, x);
      Tensor added =
          unallocated(
              () ->
                  MatrixGradients.matmulGradientB(
                      Ops.transpose(GradientSum.of(sum)), dy, x, view.layout()));
      assertSame(sum.storage(), added.storage());
      assertArrayEquals(linear.toFloats(), ViewGradients.transposeGradient(added).toFloats());
    }
  }

  @Test
  void anEquationsGradientIsAddedWithoutMemoryOfItsOwn() {
    // both of b's orders: as the product gives it, and turned
    for (String spec : new String[] {"ri,io->ro", "ri,oi->ro"}) {
      Tensor dy = tensor(DType.FP32, ROWS, OUT);
      Tensor a = tensor(DType.FP32, ROWS, IN);
      Shape weight = spec.startsWith("ri,io") ? Shape.of(IN, OUT) : Shape.of(OUT, IN);
      Tensor sum = tensor(DType.FP32, weight.dims());
      Tensor apart = Ops.add(sum, EinsumGradients.einsumGradientB(dy, a, sum.layout(), spec));
      Tensor added =
          unallocated(
              () ->
                  EinsumGradients.einsumGradientB(GradientSum.of(sum), dy, a, sum.layout(), spec));
      assertSame(sum, added);
      assertArrayEquals(apart.toFloats(), added.toFloats(), 1e-5f, spec);
    }
  }

  /** What is computed in FP32, of a weight that is kept in half, is rounded where it is added. */
  @ParameterizedTest
  @MethodSource("dev.mezzo.TestDevices#all")
  void gradientsInFp32AreAddedToSumsInHalf(Device device) {
    Tensor dy = drawn(device, DType.FP32, Shape.of(ROWS, OUT));
    Tensor x = drawn(device, DType.FP32, Shape.of(ROWS, IN));
    Layout bias = new Layout(Shape.of(OUT), DType.FP32, false);
    Layout table = new Layout(Shape.of(8, OUT), DType.FP32, false);
    Layout weight = new Layout(Shape.of(IN, OUT), DType.FP32, false);
    Tensor rows = Tensor.allocate(device, Shape.of(ROWS), DType.INT32).fill(3);
    Convolution geometry = Convolution.of().withPadding(1);
    Tensor image = drawn(device, DType.FP32, Shape.of(2, 9, 9, 8));
    Tensor dImage = drawn(device, DType.FP32, Shape.of(2, 9, 9, 16));
    Layout kernel = new Layout(Shape.of(16, 3, 3, 8), DType.FP32, false);
    Tensor gain = drawn(device, DType.FP32, Shape.of(OUT));
    Tensor normed = drawn(device, DType.FP32, Shape.of(ROWS, OUT));
    Fused scaled = Fused.of("(dy, x) -> dy * x");
    List<Function<GradientSum, Tensor>> gradients =
        List.of(
            sum -> MatrixGradients.linearGradientWeight(sum, dy, x),
            sum -> MatrixGradients.linearGradientBias(sum, dy, bias),
            sum -> MatrixGradients.matmulGradientB(sum, dy, x, weight),
            sum -> EinsumGradients.einsumGradientB(sum, dy, x, weight, "ri,io->ro"),
            sum -> EmbeddingGradients.embeddingGradient(sum, dy, table, rows),
            sum -> ConvolutionGradients.conv2dGradientWeight(sum, dImage, image, kernel, geometry),
            sum -> ElementwiseGradients.multiplyGradientB(sum, dy, normed, gain.layout()),
            sum -> scaled.on(dy, normed).adding(sum).gradient(normed.layout()),
            sum ->
                requireNonNull(
                    LayerNormGradients.layerNormGradient(
                        dy,
                        normed,
                        gain,
                        1e-5f,
                        false,
                        GradientSum.none(),
                        sum,
                        GradientSum.none())[1]));
    for (int k = 0; k < gradients.size(); k++) {
      float[] alone = gradients.get(k).apply(GradientSum.none()).toFloats();
      Shape shape = gradients.get(k).apply(GradientSum.none()).shape();
      Tensor old = drawn(device, DType.FP16, shape);
      float[] before = old.toFloats();
      Tensor sum = gradients.get(k).apply(GradientSum.of(old, DType.FP16));
      assertSame(old, sum, "gradient " + k);
      float[] found = sum.toFloats();
      for (int i = 0; i < found.length; i++) {
        double size = Math.abs(before[i]) + Math.abs(alone[i]) + 1;
        assertEquals(before[i] + alone[i], found[i], 0x1p-9 * size, "gradient " + k);
      }
    }
  }

  private static Tensor copy(Tensor x) {
    return Tensor.allocate(x.device(), x.shape(), x.dtype()).copyFrom(x.toFloats());
  }

  @Test
  void aSharedSumIsLeftAloneByAnExpression() {
    Fused gradient = Fused.of("(dy, y) -> reluGradient(dy, y)");
    Tensor dy = tensor(DType.FP16, ROWS, IN);
    Tensor y = tensor(DType.FP16, ROWS, IN);
    Tensor shared = tensor(DType.FP16, ROWS, IN);
    float[] before = shared.toFloats();
    Tensor sum = gradient.on(dy, y).adding(GradientSum.of(shared.retain())).gradient(y.layout());
    assertArrayEquals(before, shared.toFloats());
    Tensor alone = ElementwiseGradients.reluGradient(dy, y);
    assertArrayEquals(Ops.add(shared, alone).toFloats(), sum.toFloats());
  }

  private Tensor one(float value) {
    return Tensor.allocate(device, Shape.of(1, 1), DType.FP16).fill(value);
  }

  /** Runs it; it may take no memory. */
  private Tensor unallocated(Supplier<Tensor> gradient) {
    Memory memory = device.memory();
    memory.resetPeaks();
    long before = memory.liveBytes();
    long tensors = memory.liveTensors();
    Tensor result = gradient.get();
    assertEquals(before, memory.peakBytes(), "bytes at most");
    assertTrue(memory.liveTensors() <= tensors);
    return result;
  }

  private Tensor tensor(DType dtype, int... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(-64, 65) / 32f;
    }
    return Tensor.allocate(device, shape, dtype).copyFrom(values);
  }

  /** Convolutions add to the sum in its memory: as an addition behind, but for its rounding. */
  @ParameterizedTest
  @MethodSource("dev.mezzo.TestDevices#all")
  void weightsOfConvolutionsAddUpInPlace(Device device) {
    Convolution plain = Convolution.of();
    Convolution[] geometries = {
      plain,
      plain.withPadding(1),
      plain.withPadding(1).withStride(2),
      plain.withPadding(1).withGroups(8),
      plain.withPadding(1).withGroups(2)
    };
    int[] kernels = {1, 3, 3, 3, 3};
    for (int i = 0; i < kernels.length; i++) {
      Convolution geometry = geometries[i];
      Shape weight = Shape.of(16, kernels[i], kernels[i], 8 / geometry.groups());
      int side = geometry.strideHeight() == 2 ? 5 : 9;
      for (DType dtype : new DType[] {DType.FP32, DType.FP16, DType.BF16}) {
        Tensor x = drawn(device, dtype, Shape.of(2, 9, 9, 8));
        Tensor dy = drawn(device, dtype, Shape.of(2, side, side, 16));
        Tensor old = drawn(device, dtype, weight);
        float[] before = old.toFloats();
        Layout layout = new Layout(weight, dtype, false);
        float[] alone =
            ConvolutionGradients.conv2dGradientWeight(dy, x, layout, geometry).toFloats();
        long live = device.memory().liveTensors();
        Tensor sum =
            ConvolutionGradients.conv2dGradientWeight(GradientSum.of(old), dy, x, layout, geometry);
        assertSame(old, sum);
        // Fewer where the garbage collector found earlier ones meanwhile.
        assertTrue(device.memory().liveTensors() <= live);
        float[] found = sum.toFloats();
        double rounding = dtype == DType.FP32 ? 0x1p-21 : dtype == DType.FP16 ? 0x1p-10 : 0x1p-7;
        for (int k = 0; k < found.length; k++) {
          double size = Math.abs(before[k]) + Math.abs(alone[k]) + 0.1;
          assertEquals(before[k] + alone[k], found[k], rounding * size);
        }
      }
    }
  }

  private static Tensor drawn(Device device, DType dtype, Shape shape) {
    Random random = new Random(shape.size());
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.allocate(device, shape, dtype).copyFrom(values);
  }
}
