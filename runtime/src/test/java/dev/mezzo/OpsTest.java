package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the operations do beyond their kernels: broadcasting, batches, views, empty tensors, element
 * types.
 */
class OpsTest {

  private final Device device = TestDevices.scalar();

  @AfterEach
  void everythingIsClosed() {
    assertEquals(0, device.memory().liveTensors(), () -> device.memory().liveSites().toString());
  }

  record Named(String name, UnaryOperator<Tensor> operation) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Named> unaries() {
    return Stream.of(
        new Named("relu", Ops::relu),
        new Named("gelu", Ops::gelu),
        new Named("sigmoid", Ops::sigmoid),
        new Named("tanh", Ops::tanh),
        new Named("exp", Ops::exp),
        new Named("log", Ops::log),
        new Named("scale", x -> Ops.scale(x, 3)),
        new Named("softmax", Ops::softmax),
        new Named("logSoftmax", Ops::logSoftmax),
        new Named("sum", Ops::sum),
        new Named("sum of axis", x -> Ops.sum(x, 0)),
        new Named("mean", Ops::mean),
        new Named("mean of axis", x -> Ops.mean(x, -1)),
        new Named("reshape", x -> Ops.reshape(x, -1)),
        new Named("transpose", Ops::transpose),
        new Named("dropout", x -> Ops.dropout(x, 0.5f)),
        new Named("cast", x -> Ops.cast(x, DType.BF16)),
        new Named("squares", x -> Ops.multiply(x, x)),
        new Named("loss", x -> Ops.meanSquaredError(x, x)));
  }

  @ParameterizedTest
  @MethodSource("unaries")
  void takesATransposedView(Named test) {
    for (Shape shape : List.of(Shape.of(3, 5), Shape.of(2, 3, 4))) {
      try (Tensor x = GradientCheck.random(device, shape);
          Tensor view = Ops.transpose(x);
          Tensor copy = view.contiguous();
          Tensor ofView = test.operation().apply(view);
          Tensor ofCopy = test.operation().apply(copy)) {
        assertTrue(view.layout().transposed());
        assertFalse(copy.layout().transposed());
        assertEquals(ofCopy.shape(), ofView.shape());
        assertArrayEquals(ofCopy.toFloats(), ofView.toFloats());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("unaries")
  void takesAnEmptyTensor(Named test) {
    for (Shape shape : List.of(Shape.of(0, 5), Shape.of(2, 0, 4))) {
      try (Tensor x = Tensor.zeros(device, shape, DType.FP32)) {
        if (!test.name().equals("reshape") || shape.rank() == 2) {
          test.operation().apply(x).close();
        }
      }
    }
  }

  @Test
  void matmulOfBatchesAndViewsIsTheSumOfProducts() {
    Shape[][] shapes = {
      {Shape.of(3, 4), Shape.of(4, 5)},
      {Shape.of(2, 3, 4), Shape.of(2, 4, 5)},
      {Shape.of(2, 3, 4), Shape.of(4, 5)},
      {Shape.of(3, 4), Shape.of(2, 4, 5)},
      {Shape.of(2, 1, 3, 4), Shape.of(3, 4, 2)},
      {Shape.of(0, 3, 4), Shape.of(4, 5)},
      {Shape.of(3, 0), Shape.of(0, 5)}
    };
    for (Shape[] pair : shapes) {
      for (int views = 0; views < 4; views++) {
        try (Tensor a = stored(GradientCheck.random(device, pair[0]), views % 2 == 1);
            Tensor b = stored(GradientCheck.random(device, pair[1]), views >= 2);
            Tensor c = Ops.matmul(a, b)) {
          assertArrayEquals(product(a, b, c.shape()), c.toFloats(), 1e-5f);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "FP16", "BF16"})
  void linearAddsItsBiasBeforeTheRounding(DType dtype) {
    // 2048 + 1 and 256 + 1 are no FP16 and BF16 numbers: rounding before the bias of −1 would lose
    // them.
    try (Tensor x = typed(Shape.of(1, 2), dtype, dtype == DType.BF16 ? 256 : 2048, 1);
        Tensor weight = typed(Shape.of(1, 2), dtype, 1, 1);
        Tensor bias = typed(Shape.of(1), dtype, dtype == DType.BF16 ? -255 : -2047);
        Tensor y = Ops.linear(x, weight, bias)) {
      assertEquals(dtype, y.dtype());
      assertEquals(2, y.item());
    }
  }

  @Test
  void linearTakesRowsOfAnyShape() {
    try (Tensor weight = GradientCheck.random(device, Shape.of(5, 4));
        Tensor bias = Tensor.zeros(device, Shape.of(5), DType.FP32)) {
      for (Shape shape : List.of(Shape.of(4), Shape.of(3, 4), Shape.of(2, 3, 4), Shape.of(0, 4))) {
        try (Tensor x = GradientCheck.random(device, shape);
            Tensor rows = Ops.reshape(x, (int) (shape.size() / 4), 4);
            Tensor turned = Ops.transpose(weight);
            Tensor expected = Ops.matmul(rows, turned);
            Tensor y = Ops.linear(x, weight, bias)) {
          assertEquals(5, y.shape().dim(-1));
          assertEquals(shape.rank(), y.shape().rank());
          assertArrayEquals(expected.toFloats(), y.toFloats(), 1e-5f);
        }
      }
    }
  }

  @Test
  void broadcastingRepeatsDimensionsOfOne() {
    Random random = new Random(3);
    for (int trial = 0; trial < 200; trial++) {
      int rank = random.nextInt(5);
      int[] dims = random.ints(rank, 0, 4).toArray();
      Shape a = thinned(dims, random);
      Shape b = thinned(dims, random);
      try (Tensor x = GradientCheck.random(device, a);
          Tensor y = GradientCheck.random(device, b);
          Tensor sum = Ops.subtract(x, y)) {
        assertArrayEquals(difference(x, y, sum.shape()), sum.toFloats(), () -> a + " and " + b);
      }
    }
  }

  @Test
  void resultsHaveTheTypeOfTheirPrecisionClass() {
    try (Tensor x = typed(Shape.of(2, 2), DType.FP16, 1, 2, 3, 4);
        Tensor product = Ops.matmul(x, x);
        Tensor sum = Ops.add(x, x);
        Tensor soft = Ops.softmax(x);
        Tensor exponential = Ops.exp(x);
        Tensor log = Ops.logSoftmax(x);
        Tensor total = Ops.sum(x);
        Tensor index = Ops.argmax(x)) {
      assertEquals(
          List.of(DType.FP16, DType.FP16, DType.FP16),
          List.of(product.dtype(), sum.dtype(), soft.dtype()));
      assertEquals(
          List.of(DType.FP32, DType.FP32, DType.FP32),
          List.of(exponential.dtype(), log.dtype(), total.dtype()));
      assertEquals(DType.INT32, index.dtype());
      assertArrayEquals(new int[] {1, 1}, index.toInts());
    }
  }

  @Test
  void viewsShareMemory() {
    try (Tensor x = GradientCheck.random(device, Shape.of(3, 4));
        Tensor flat = Ops.reshape(x, -1);
        Tensor turned = Ops.transpose(x);
        Tensor back = Ops.transpose(turned)) {
      assertEquals(x.storage().bytes(), device.memory().liveBytes());
      x.fill(7);
      assertEquals(7, flat.toFloats()[11]);
      assertEquals(7, turned.toFloats()[5]);
      assertEquals(x.layout(), back.layout());
    }
  }

  @Test
  void castToTheSameTypeIsTheSameTensor() {
    try (Tensor x = GradientCheck.random(device, Shape.of(3));
        Tensor y = Ops.cast(x, DType.FP32)) {
      assertSame(x, y);
    }
  }

  @Test
  void dropoutActsInTrainingAloneAndItsGradientHasTheSameMask() {
    Tape tape = Tape.forTraining();
    tape.begin(5, 1, 0);
    try (Tensor x = Tensor.allocate(device, Shape.of(100, 100), DType.FP32).fill(1);
        Tensor eager = Ops.dropout(x, 0.25f);
        Tensor y = Ops.dropout(tape, x, 0.25f);
        Tensor dx = ElementwiseGradients.dropoutGradient(tape, x, 0.25f)) {
      assertSame(x, eager);
      int zeros = 0;
      for (float value : y.toFloats()) {
        zeros += value == 0 ? 1 : 0;
        assertTrue(value == 0 || value == 1 / 0.75f);
      }
      assertEquals(2500, zeros, 200); // 4.6 standard deviations
      assertArrayEquals(y.toFloats(), dx.toFloats());
      assertEquals(0, tape.size());
    }
  }

  @Test
  void threadsMayShareADevice() throws InterruptedException {
    try (Device shared = Device.cpu(2);
        Tensor a = GradientCheck.random(shared, Shape.of(65, 70));
        Tensor b = GradientCheck.random(shared, Shape.of(70, 33));
        Tensor expected = Ops.matmul(a, b)) {
      float[] right = expected.toFloats();
      AtomicInteger wrong = new AtomicInteger();
      Thread[] threads = new Thread[4];
      for (int i = 0; i < threads.length; i++) {
        threads[i] =
            Thread.ofPlatform()
                .start(
                    () -> {
                      for (int j = 0; j < 50; j++) {
                        try (Tensor c = Ops.matmul(a, b)) {
                          wrong.addAndGet(Arrays.equals(right, c.toFloats()) ? 0 : 1);
                        }
                      }
                    });
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(0, wrong.get());
    }
  }

  @Test
  void crossEntropyOfABadLabelIsNaN() {
    try (Tensor logits = Tensor.zeros(device, Shape.of(1, 3), DType.FP16);
        Tensor labels = Tensor.allocate(device, Shape.of(1), DType.INT32).copyFrom(new int[] {3});
        Tensor loss = Ops.crossEntropy(logits, labels)) {
      assertTrue(Float.isNaN(loss.item()));
    }
  }

  private Tensor typed(Shape shape, DType dtype, float... values) {
    return Tensor.allocate(device, shape, dtype).copyFrom(values);
  }

  /** The same values, stored transposed if asked for; closes x. */
  private static Tensor stored(Tensor x, boolean transposed) {
    if (!transposed) {
      return x;
    }
    try (x;
        Tensor view = Ops.transpose(x);
        Tensor copy = view.contiguous()) {
      return Ops.transpose(copy);
    }
  }

  private static Shape thinned(int[] dims, Random random) {
    int skipped = random.nextInt(dims.length + 1);
    int[] kept = new int[dims.length - skipped];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = random.nextInt(3) == 0 ? 1 : dims[i + skipped];
    }
    return Shape.of(kept);
  }

  private static float[] product(Tensor a, Tensor b, Shape shape) {
    float[] left = a.toFloats();
    float[] right = b.toFloats();
    float[] result = new float[(int) shape.size()];
    int m = shape.rank() == 0 ? 0 : shape.dim(-2);
    int n = shape.dim(-1);
    int k = a.shape().dim(-1);
    for (int i = 0; i < result.length; i++) {
      int[] index = index(i, shape);
      int row = index[index.length - 2];
      int col = index[index.length - 1];
      double sum = 0;
      for (int p = 0; p < k; p++) {
        index[index.length - 2] = row;
        index[index.length - 1] = p;
        double x = left[offset(index, a.shape())];
        index[index.length - 2] = p;
        index[index.length - 1] = col;
        sum += x * right[offset(index, b.shape())];
      }
      result[i] = (float) sum;
    }
    assertEquals(m * n == 0 ? 0 : result.length % (m * n), 0);
    return result;
  }

  private static float[] difference(Tensor a, Tensor b, Shape shape) {
    float[] left = a.toFloats();
    float[] right = b.toFloats();
    float[] result = new float[(int) shape.size()];
    for (int i = 0; i < result.length; i++) {
      int[] index = index(i, shape);
      result[i] = left[offset(index, a.shape())] - right[offset(index, b.shape())];
    }
    return result;
  }

  private static int[] index(int at, Shape shape) {
    int[] index = new int[shape.rank()];
    int rest = at;
    for (int axis = index.length - 1; axis >= 0; axis--) {
      index[axis] = rest % shape.dim(axis);
      rest /= shape.dim(axis);
    }
    return index;
  }

  private static int offset(int[] index, Shape operand) {
    int offset = 0;
    for (int axis = 0; axis < operand.rank(); axis++) {
      int at = index[index.length - operand.rank() + axis];
      offset = offset * operand.dim(axis) + (operand.dim(axis) == 1 ? 0 : at);
    }
    return offset;
  }
}
