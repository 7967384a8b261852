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
import java.util.Random;
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
    @Nullable Tensor[] sums =
        gradient
            .on(dy, y)
            .adding(GradientSum.of(first), GradientSum.of(second))
            .gradients(y.layout(), y.layout());
    assertArrayEquals(apart[0], requireNonNull(sums[0]).toFloats());
    assertArrayEquals(apart[1], requireNonNull(sums[1]).toFloats());
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
