package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Expressions in one pass against their operations one after the other. */
class FusedTest {

  private static final Fused GATED = Fused.of("(gate, up) -> silu(gate) * up");
  private static final Fused GATED_GRADIENT =
      Fused.of("(dy, gate, up) -> siluGradient(dy * up, gate), dy * silu(gate)");
  private static final Fused SHIFTED_GRADIENT =
      Fused.of("(dy, y) -> reluGradient(dy, y), " + "reluGradient(dy, y)");

  private final Random random = new Random(6);

  @ParameterizedTest
  @MethodSource("dev.mezzo.TestDevices#all")
  void hasTheBitsOfItsOperationsInFp32(Device device) {
    for (int size : new int[] {1, 13, 207, 4098, 70001}) {
      Tensor a = tensor(device, DType.FP32, size);
      Tensor b = tensor(device, DType.FP32, size);
      assertArrayEquals(
          Ops.multiply(Ops.silu(a), b).toFloats(), GATED.on(a, b).as(DType.FP32).toFloats());
      Tensor much =
          Ops.tanh(Ops.subtract(Ops.scale(Ops.maximum(a, b), 0.5f), Ops.square(Ops.exp(b))));
      assertArrayEquals(
          much.toFloats(),
          Fused.of("(a, b; factor) -> tanh(factor * maximum(a, b) - square(exp(b)))")
              .with(0.5f)
              .on(a, b)
              .as(DType.FP32)
              .toFloats());
    }
  }

  @ParameterizedTest
  @MethodSource("dev.mezzo.TestDevices#all")
  void operandsAreRepeated(Device device) {
    Shape[][] shapes = {
      {Shape.of(5, 7), Shape.of(7)},
      {Shape.of(5, 7), Shape.of(5, 1)},
      {Shape.of(3, 300, 40), Shape.of(300, 1)},
      {Shape.of(3, 1, 40), Shape.of(3, 11, 1)},
      {Shape.of(2, 5000), Shape.of(5000)},
      {Shape.of(6), Shape.of()},
      {Shape.of(0, 4), Shape.of(4)},
    };
    for (Shape[] pair : shapes) {
      Tensor a = tensor(device, DType.FP32, pair[0].dims());
      Tensor b = tensor(device, DType.FP32, pair[1].dims());
      Tensor y = Ops.multiply(Ops.silu(a), b);
      assertArrayEquals(y.toFloats(), GATED.on(a, b).as(DType.FP32).toFloats());
      Tensor dy = tensor(device, DType.FP32, y.shape().dims());
      Tensor dSilu = ElementwiseGradients.multiplyGradientA(dy, b, a.layout());
      Tensor[] found = all(GATED_GRADIENT.on(dy, a, b).gradients(a.layout(), b.layout()));
      if (y.shape().equals(a.shape())) {
        assertArrayEquals(
            ActivationGradients.siluGradient(dSilu, a).toFloats(), found[0].toFloats());
      }
      assertEquals(a.layout(), found[0].layout());
      assertArrayEquals(
          ElementwiseGradients.multiplyGradientB(dy, Ops.silu(a), b.layout()).toFloats(),
          found[1].toFloats());
    }
  }

  @ParameterizedTest
  @MethodSource("dev.mezzo.TestDevices#all")
  void isRoundedOnce(Device device) {
    Tensor a = tensor(device, DType.FP16, 3000);
    Tensor b = tensor(device, DType.FP16, 3000);
    Tensor exact = GATED.on(Ops.cast(a, DType.FP32), Ops.cast(b, DType.FP32)).as(DType.FP32);
    assertArrayEquals(
        Ops.cast(exact, DType.FP16).toFloats(), GATED.on(a, b).as(DType.FP16).toFloats());
  }

  @Test
  void equalGradientsAreOneTensorAndUnwantedOnesAreNotComputed() {
    Device device = TestDevices.scalar();
    Tensor dy = tensor(device, DType.FP16, 4, 3);
    Tensor y = tensor(device, DType.FP16, 4, 3);
    Layout row = new Layout(Shape.of(3), DType.FP16, false);
    Tensor[] both = all(SHIFTED_GRADIENT.on(dy, y).gradients(y.layout(), y.layout()));
    assertSame(both[0].storage(), both[1].storage());
    Tensor[] summed = all(SHIFTED_GRADIENT.on(dy, y).gradients(y.layout(), row));
    assertArrayEquals(Reductions.unbroadcast(both[0], row, 1).toFloats(), summed[1].toFloats());
    @Nullable Tensor[] one = SHIFTED_GRADIENT.on(dy, y).gradients(null, row);
    assertNull(one[0]);
    Tensor through = Fused.of("(dy) -> dy").on(dy).gradient(dy.layout());
    assertSame(dy.storage(), through.storage());
    long open = device.memory().liveTensors();
    Fused product = Fused.of("(dy, y) -> dy, dy * y");
    for (Tensor tensor : all(product.on(dy, y).gradients(row, y.layout()))) {
      tensor.close();
    }
    assertEquals(open, device.memory().liveTensors());
  }

  @Test
  void numbersMayChange() {
    Device device = TestDevices.scalar();
    Tensor x = tensor(device, DType.FP32, 5);
    Fused scaled = Fused.of("(x; factor) -> x * factor");
    for (float factor : new float[] {2f, 2f, 3f, 2f}) {
      assertArrayEquals(
          Ops.scale(x, factor).toFloats(), scaled.with(factor).on(x).as(DType.FP32).toFloats());
    }
    assertSame(scaled.with(2f), scaled.with(2f));
  }

  @Test
  void operandsThatAreGivenUpAreReused() {
    Device device = TestDevices.scalar();
    Tensor gate = tensor(device, DType.FP16, 4, 3);
    Tensor up = tensor(device, DType.FP16, 4, 3);
    Tensor dy = tensor(device, DType.FP16, 4, 3);
    float[] apart = GATED.on(gate, up).as(DType.FP16).toFloats();
    long before = device.memory().liveBytes();
    Tensor y = GATED.on(gate, up).reusing(up).as(DType.FP16);
    assertSame(up, y);
    assertArrayEquals(apart, y.toFloats());
    assertEquals(before, device.memory().liveBytes());
    Tensor shared = y.retain();
    Tensor wide = GATED.on(gate, shared).reusing(shared, gate).as(DType.FP16);
    assertArrayEquals(apart, y.toFloats(), "what somebody else holds is not written to");
    assertSame(gate, wide);
    Fused through = Fused.of("(dy, y) -> dy, dy * y");
    float[] given = dy.toFloats();
    Tensor[] both = all(through.on(dy, y).reusing(dy).gradients(y.layout(), y.layout()));
    assertArrayEquals(given, both[0].toFloats(), "a result that is the operand");
  }

  @Test
  void whatIsNoFormulaIsSaid() {
    for (String wrong :
        new String[] {
          "(x) -> ", "(x) -> y", "x -> x", "(x) -> nothing(x)", "(x) -> x x", "(x) -> relu(x, x)"
        }) {
      Exception failure = assertThrows(IllegalArgumentException.class, () -> Fused.of(wrong));
      assertTrue(failure.toString().contains(wrong), failure.toString());
    }
    assertThrows(IllegalArgumentException.class, () -> GATED.with(1f));
    Device device = TestDevices.scalar();
    Tensor x = tensor(device, DType.FP32, 2);
    assertThrows(IllegalArgumentException.class, () -> GATED.on(x));
    Tensor longer = tensor(device, DType.FP32, 3);
    assertThrows(ShapeException.class, () -> GATED.on(x, longer));
  }

  private Tensor tensor(Device device, DType dtype, int... dims) {
    Shape shape = Shape.of(dims);
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(-64, 65) / 32f;
    }
    return Tensor.allocate(device, shape, dtype).copyFrom(values);
  }

  /** Gradients of which none is left out. */
  private static Tensor[] all(@Nullable Tensor[] gradients) {
    return Arrays.stream(gradients).map(Objects::requireNonNull).toArray(Tensor[]::new);
  }
}
