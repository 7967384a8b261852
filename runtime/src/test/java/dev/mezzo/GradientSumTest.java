package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.vector.VectorBackend;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

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
}
