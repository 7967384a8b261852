package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every gradient against differences of its operation, in each element type, and wrong ones that
 * must be caught.
 */
class GradientsTest {

  private final Device device = TestDevices.scalar();

  static Stream<GradientCase> cases() {
    return GradientCases.all().stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isTheDerivative(GradientCase test) {
    Tensor[] operands = test.make(device);
    GradientCheck.check(test::forward, test.index(), (dy, y, x) -> test.backward(dy, x), operands);
    close(operands);
    assertEquals(0, device.memory().liveTensors(), "a tensor was not closed");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isTheDerivativeOfTransposedViews(GradientCase test) {
    Tensor[] operands = test.make(device);
    Tensor[] views = new Tensor[operands.length];
    for (int i = 0; i < views.length; i++) {
      views[i] = turned(operands[i]);
    }
    GradientCheck.check(test::forward, test.index(), (dy, y, x) -> test.backward(dy, x), views);
    close(operands);
    close(views);
    assertEquals(0, device.memory().liveTensors(), "a tensor was not closed");
  }

  static Stream<Arguments> sums() {
    return GradientCases.all().stream()
        .filter(GradientCase::adds)
        .flatMap(test -> TestDevices.all().map(device -> Arguments.of(test, device)));
  }

  /**
   * What a kernel adds to a sum is in the sum's memory: the sum of both, rounded once. Where
   * nothing was repeated, dy itself may be the gradient.
   */
  @ParameterizedTest
  @MethodSource("sums")
  void addsToASum(GradientCase test, Device device) {
    for (DType dtype : List.of(DType.FP32, DType.FP16, DType.BF16)) {
      Tensor[] operands = cast(test.make(device), dtype);
      Tensor y = test.forward(operands);
      Tensor dy = cast(GradientCheck.random(device, y.shape()), y.dtype());
      Tensor alone = test.backward(dy, operands);
      Tensor sum = cast(GradientCheck.random(device, alone.shape()), alone.dtype());
      float[] before = sum.toFloats();
      long live = device.memory().liveTensors();
      Tensor added = test.addedTo(sum, dy, operands);
      if (device.backend().addsGradients()) {
        assertSame(sum, added, "the sum's memory");
      }
      assertTrue(device.memory().liveTensors() <= live, "more tensors than before");
      float[] of = alone.toFloats();
      float[] found = added.toFloats();
      double rounding = dtype == DType.FP32 ? 0x1p-21 : dtype == DType.FP16 ? 0x1p-10 : 0x1p-7;
      for (int i = 0; i < of.length; i++) {
        double size = Math.abs(before[i]) + Math.abs(of[i]) + 0.1;
        assertEquals((double) before[i] + of[i], found[i], rounding * size);
      }
      close(operands);
      close(y, dy, alone, added);
    }
  }

  private static Tensor[] cast(Tensor[] operands, DType dtype) {
    return Stream.of(operands).map(each -> cast(each, dtype)).toArray(Tensor[]::new);
  }

  /** The tensor in that type; it is given up. */
  private static Tensor cast(Tensor tensor, DType dtype) {
    try (tensor) {
      return Ops.cast(tensor, dtype);
    }
  }

  /**
   * In 16 bits: the same formula on rounded operands. The result of forward, which some gradients
   * read, is rounded too, so they differ by a few u of the values that enter.
   */
  @ParameterizedTest
  @MethodSource("cases")
  void hasItsOperandsTypeIn16Bits(GradientCase test) {
    for (DType half : List.of(DType.FP16, DType.BF16)) {
      double u = half == DType.FP16 ? 0x1p-11 : 0x1p-8;
      Tensor[] full = test.make(device);
      Tensor[] halves = Stream.of(full).map(x -> Ops.cast(x, half)).toArray(Tensor[]::new);
      Tensor[] rounded = Stream.of(halves).map(x -> Ops.cast(x, DType.FP32)).toArray(Tensor[]::new);
      try (Tensor y = test.forward(rounded);
          Tensor yHalf = test.forward(halves);
          Tensor dy = GradientCheck.random(device, y.shape());
          Tensor dyLike = Ops.cast(dy, yHalf.dtype());
          Tensor expected = test.backward(dy, rounded);
          Tensor found = test.backward(dyLike, halves)) {
        assertEquals(half, found.dtype());
        assertEquals(halves[test.index()].shape(), found.shape());
        float[] right = expected.toFloats();
        float[] values = found.toFloats();
        double scale = 1;
        for (float value : right) {
          scale = Math.max(scale, Math.abs(value));
        }
        for (int i = 0; i < right.length; i++) {
          assertEquals(right[i], values[i], 16 * u * scale, "element " + i);
        }
      }
      close(full);
      close(halves);
      close(rounded);
    }
    assertEquals(0, device.memory().liveTensors(), "a tensor was not closed");
  }

  @Test
  void theTableIsComplete() {
    Set<Method> checked = cases().map(test -> test.rule().method()).collect(Collectors.toSet());
    Set<Method> declared =
        OperationTable.all().stream()
            .filter(operation -> !isOfArrays(operation.method()))
            .flatMap(operation -> operation.rules().stream())
            .map(OperationTable.Rule::method)
            .filter(method -> !method.getName().equals("dropoutGradient")) // random: OpsTest
            .collect(Collectors.toSet());
    assertEquals(declared, checked);
  }

  /** They move elements: OperationParityTest. */
  private static boolean isOfArrays(Method operation) {
    return operation.getReturnType().isArray()
        || List.of(operation.getParameterTypes()).contains(Tensor[].class);
  }

  @Test
  void aGradientThatIsOnePerCentTooLargeIsCaught() {
    Tensor x = GradientCheck.random(device, Shape.of(3, 5));
    AssertionError error =
        assertThrows(
            AssertionError.class,
            () ->
                GradientCheck.check(
                    o -> Ops.tanh(o[0]),
                    0,
                    (dy, y, o) -> Ops.scale(ElementwiseGradients.tanhGradient(dy, y), 1.01f),
                    x));
    assertTrue(error.toString().contains("differences give"), error::toString);
  }

  @Test
  void anOperandInPlaceOfTheResultIsCaught() {
    Tensor x = GradientCheck.random(device, Shape.of(3, 5));
    assertThrows(
        AssertionError.class,
        () ->
            GradientCheck.check(
                o -> Ops.sigmoid(o[0]),
                0,
                (dy, y, o) -> ElementwiseGradients.sigmoidGradient(dy, o[0]),
                x));
  }

  @Test
  void aGradientThatIsNotSummedOverRepeatsIsCaught() {
    Tensor a = GradientCheck.random(device, Shape.of(3, 5));
    Tensor b = GradientCheck.random(device, Shape.of(5));
    assertThrows(
        AssertionError.class,
        () -> GradientCheck.check(o -> Ops.add(o[0], o[1]), 1, (dy, y, o) -> dy.retain(), a, b));
  }

  @Test
  void theGradientOfATransposedWeightIsInItsOwnMemoryOrder() {
    try (Tensor x = GradientCheck.random(device, Shape.of(3, 4));
        Tensor weight = GradientCheck.random(device, Shape.of(5, 4));
        Tensor view = Ops.transpose(weight);
        Tensor dy = GradientCheck.random(device, Shape.of(3, 5));
        Tensor dView = MatrixGradients.matmulGradientB(dy, x, view.layout());
        Tensor dWeight = ViewGradients.transposeGradient(dView)) {
      assertTrue(dView.layout().transposed());
      assertEquals(weight.layout(), dWeight.layout());
    }
  }

  private static Tensor turned(Tensor x) {
    if (x.shape().rank() < 2) {
      return x.retain();
    }
    try (Tensor view = Ops.transpose(x);
        Tensor stored = view.contiguous()) {
      return Ops.transpose(stored);
    }
  }

  private static void close(Tensor... tensors) {
    for (Tensor tensor : tensors) {
      tensor.close();
    }
  }
}
