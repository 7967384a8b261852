package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.FusedProgram;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Results that kernels finish: the bits are those of the kernel in FP32, the expression in FP32 on
 * that, and one rounding; where a backend does not offer it, those of both one after the other.
 */
class FinishTest {

  private final Random random = new Random(5);

  /** What is finished: on 16 bits or FP32, with a finish or without. */
  private interface Operation {
    Tensor run(@Nullable Finish finish, List<Tensor> operands);
  }

  private record Case(Operation operation, List<Shape> operands, Shape result) {}

  private static Case of(Operation operation, Shape result, Shape... operands) {
    return new Case(operation, List.of(operands), result);
  }

  private static List<Case> cases() {
    Operation linear =
        (f, o) ->
            f == null
                ? Ops.linear(o.get(0), o.get(1), o.get(2))
                : Ops.linear(f, o.get(0), o.get(1), o.get(2));
    Operation matmul =
        (f, o) -> f == null ? Ops.matmul(o.get(0), o.get(1)) : Ops.matmul(f, o.get(0), o.get(1));
    List<Case> cases = new ArrayList<>();
    cases.add(of(linear, Shape.of(37, 70), Shape.of(37, 33), Shape.of(70, 33), Shape.of(70)));
    cases.add(of(linear, Shape.of(1, 5), Shape.of(1, 300), Shape.of(5, 300), Shape.of(5)));
    cases.add(
        of(linear, Shape.of(2, 3, 130), Shape.of(2, 3, 257), Shape.of(130, 257), Shape.of(130)));
    cases.add(of(linear, Shape.of(40, 9), Shape.of(40, 600), Shape.of(9, 600), Shape.of(9)));
    cases.add(of(matmul, Shape.of(3, 1), Shape.of(3, 4), Shape.of(4, 1)));
    cases.add(of(matmul, Shape.of(3, 7, 20), Shape.of(3, 7, 11), Shape.of(3, 11, 20)));
    cases.add(of(matmul, Shape.of(2, 3, 7, 20), Shape.of(3, 7, 11), Shape.of(2, 1, 11, 20)));
    Convolution plain = Convolution.of();
    cases.add(conv(plain, 1, 6, 5));
    cases.add(conv(plain.withPadding(1).withStride(2), 3, 18, 16));
    cases.add(conv(plain.withPadding(1).withGroups(8), 3, 8, 1));
    cases.add(conv(plain.withPadding(2).withGroups(2), 5, 10, 5));
    cases.add(
        of(
            (f, o) -> {
              Finish finish = f == null ? Finish.none() : f;
              return Ops.dropout(Tape.forTraining(), finish, o.getFirst(), 0.25f);
            },
            Shape.of(70, 33),
            Shape.of(70, 33)));
    for (int channels : new int[] {6, 16, 34}) {
      cases.add(
          of(
              (f, o) -> {
                Finish finish = f == null ? Finish.none() : f;
                Tape tape = Tape.forTraining();
                return Ops.groupNorm(tape, finish, o.get(0), o.get(1), o.get(2), 2, 1e-3f);
              },
              Shape.of(3, 7, 5, channels),
              Shape.of(3, 7, 5, channels),
              Shape.of(channels),
              Shape.of(channels)));
    }
    Convolution strided = plain.withPadding(1).withStride(2);
    cases.add(
        of(
            (f, o) ->
                f == null
                    ? Ops.conv1d(o.get(0), o.get(1), o.get(2), strided)
                    : Ops.conv1d(f, o.get(0), o.get(1), o.get(2), strided),
            Shape.of(3, 6, 17),
            Shape.of(3, 11, 8),
            Shape.of(17, 3, 8),
            Shape.of(17)));
    for (Convolution geometry : List.of(strided, strided.withGroups(2))) {
      int each = 18 / geometry.groups();
      cases.add(
          of(
              (f, o) ->
                  f == null
                      ? Ops.convTranspose2d(o.get(0), o.get(1), o.get(2), geometry)
                      : Ops.convTranspose2d(f, o.get(0), o.get(1), o.get(2), geometry),
              Shape.of(2, 11, 11, 18),
              Shape.of(2, 6, 6, 16),
              Shape.of(16, 3, 3, each),
              Shape.of(18)));
    }
    return cases;
  }

  private static Case conv(Convolution geometry, int kernel, int out, int each) {
    int in = each * geometry.groups();
    int side = geometry.strideHeight() == 2 ? 5 : 9;
    return of(
        (f, o) ->
            f == null
                ? Ops.conv2d(o.get(0), o.get(1), o.get(2), geometry)
                : Ops.conv2d(f, o.get(0), o.get(1), o.get(2), geometry),
        Shape.of(2, side, side, out),
        Shape.of(2, 9, 9, in),
        Shape.of(out, kernel, kernel, each),
        Shape.of(out));
  }

  @ParameterizedTest
  @MethodSource("dev.mezzo.TestDevices#all")
  void areRoundedOnce(Device device) {
    for (Case each : cases()) {
      Shape y = each.result();
      int n = y.dim(-1);
      check(device, each, "(z) -> relu(z)");
      check(device, each, "(z) -> clamp(z * z, 0, 0.5) - z");
      check(device, each, "(z, r) -> relu(z + r)", y);
      check(device, each, "(z, r) -> r - z * r", y);
      check(device, each, "(z, b) -> tanh(b + z)", Shape.of(n));
      check(device, each, "(z, b, r) -> silu((z + b) * r) + r", Shape.of(1, n), y);
      check(device, each, "(z, s) -> maximum(z, s) * 2", Shape.of());
    }
  }

  /** Where the others repeat the result, or are repeated otherwise, a pass of its own does it. */
  @ParameterizedTest
  @MethodSource("dev.mezzo.TestDevices#all")
  void otherShapesAreFinishedBehind(Device device) {
    Case linear = cases().getFirst();
    for (Shape other : new Shape[] {Shape.of(3, 37, 70), Shape.of(37, 1)}) {
      List<Tensor> operands = operands(device, linear, DType.FP32);
      Tensor more = tensor(device, DType.FP32, other);
      Fused sum = Fused.of("(z, r) -> relu(z + r)");
      Finish finish = sum.finish(more);
      Tensor y = linear.operation().run(finish, operands);
      Tensor z = linear.operation().run(null, operands);
      assertArrayEquals(sum.on(z, more).as(DType.FP32).toFloats(), y.toFloats());
      assertEquals(z.layout(), finish.layout());
    }
  }

  @ParameterizedTest
  @MethodSource("dev.mezzo.TestDevices#all")
  void anyOperationMayTakePart(Device device) {
    Tensor x = tensor(device, DType.FP16, Shape.of(4, 6));
    Finish finish = Fused.of("(z) -> relu(z)").finish();
    assertThrows(IllegalStateException.class, finish::layout);
    assertArrayEquals(Ops.relu(x).toFloats(), finish.on(x.retain()).toFloats());
    assertThrows(IllegalArgumentException.class, () -> Fused.of("(z, r) -> z + r").finish());
  }

  private void check(Device device, Case each, String formula, Shape... others) {
    Fused expression = Fused.of(formula);
    for (DType dtype : List.of(DType.FP32, DType.FP16, DType.BF16)) {
      List<Tensor> operands = operands(device, each, dtype);
      Tensor[] more = tensors(others, shape -> tensor(device, dtype, shape));
      Finish finish = expression.finish(more);
      Tensor y = each.operation().run(finish, operands);
      assertEquals(y.layout(), finish.layout());
      DType between = offers(device) ? DType.FP32 : dtype;
      List<Tensor> wide = operands.stream().map(x -> Ops.cast(x, between)).toList();
      Tensor[] all =
          Stream.concat(
                  Stream.of(each.operation().run(null, wide)),
                  Stream.of(more).map(x -> Ops.cast(x, between)))
              .toArray(Tensor[]::new);
      assertRoundedOnce(expression.on(all).as(dtype).toFloats(), y.toFloats(), formula, dtype);
    }
  }

  /**
   * Kernels of 16 bits may add in another order than those of FP32, so that now and then a result
   * falls on the other side of a tie. A second rounding would change a third of them.
   */
  private static void assertRoundedOnce(
      float[] expected, float[] found, String formula, DType dtype) {
    double unit = dtype == DType.BF16 ? 0x1p-7 : dtype == DType.FP16 ? 0x1p-10 : 0x1p-20;
    int others = 0;
    for (int i = 0; i < expected.length; i++) {
      if (expected[i] != found[i]) {
        double tolerance = unit * Math.max(1, Math.abs(expected[i]));
        assertEquals(expected[i], found[i], tolerance, formula + " " + dtype);
        others++;
      }
    }
    assertTrue(others <= expected.length / 50, others + " of " + formula + " " + dtype);
  }

  private static boolean offers(Device device) {
    return device.backend().finishes(new FusedProgram("z", 1, List.of(), List.of(0)));
  }

  private List<Tensor> operands(Device device, Case each, DType dtype) {
    return each.operands().stream().map(shape -> tensor(device, dtype, shape)).toList();
  }

  private static Tensor[] tensors(Shape[] shapes, Function<Shape, Tensor> make) {
    return Stream.of(shapes).map(make).toArray(Tensor[]::new);
  }

  private Tensor tensor(Device device, DType dtype, Shape shape) {
    float[] values = new float[(int) shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.allocate(device, shape, dtype).copyFrom(values);
  }
}
