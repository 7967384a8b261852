package dev.mezzo;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Lists of tensors, views, indices out of range, and what is refused. */
class ArrangementTest {

  static Stream<Device> devices() {
    return TestDevices.all();
  }

  @ParameterizedTest
  @MethodSource("devices")
  void splitTakesApartWhatConcatJoins(Device device) {
    try (Tensor x = numbers(device, 3, 7)) {
      for (int axis : new int[] {0, 1, -1}) {
        int[] lengths = axis == 0 ? new int[] {1, 0, 2} : new int[] {4, 1, 2};
        Tensor[] parts = Ops.split(x, axis, lengths);
        try (Tensor joined = Ops.concat(axis, parts);
            Tensor gradient = ArrangementGradients.splitGradient(parts, axis)) {
          assertArrayEquals(x.toFloats(), joined.toFloats());
          assertArrayEquals(x.toFloats(), gradient.toFloats());
          Tensor[] back =
              ArrangementGradients.concatGradients(
                  joined, axis, Stream.of(parts).map(Tensor::layout).toArray(Layout[]::new));
          for (int i = 0; i < parts.length; i++) {
            assertEquals(lengths[i], parts[i].shape().dim(axis));
            assertArrayEquals(parts[i].toFloats(), back[i].toFloats());
            back[i].close();
          }
        }
        close(parts);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void stackMakesANewAxis(Device device) {
    try (Tensor a = numbers(device, 2, 3);
        Tensor b = Ops.scale(a, -1);
        Tensor first = Ops.stack(0, a, b);
        Tensor middle = Ops.stack(1, a, b);
        Tensor last = Ops.stack(-1, a, b)) {
      assertEquals(Shape.of(2, 2, 3), first.shape());
      assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5, -0f, -1, -2, -3, -4, -5}, first.toFloats());
      assertArrayEquals(new float[] {0, 1, 2, -0f, -1, -2, 3, 4, 5, -3, -4, -5}, middle.toFloats());
      assertEquals(Shape.of(2, 3, 2), last.shape());
      assertArrayEquals(new float[] {0, -0f, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5}, last.toFloats());
      Tensor[] back = ArrangementGradients.stackGradients(last, -1);
      assertArrayEquals(a.toFloats(), back[0].toFloats());
      assertArrayEquals(b.toFloats(), back[1].toFloats());
      close(back);
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void transposedViewsAreReadInPlace(Device device) {
    try (Tensor x = numbers(device, 2, 3);
        Tensor view = Ops.transpose(x);
        Tensor part = Ops.slice(view, 0, 1, 3);
        Tensor turned = Ops.permute(view, 1, 0)) {
      assertArrayEquals(new float[] {1, 4, 2, 5}, part.toFloats());
      assertArrayEquals(x.toFloats(), turned.toFloats());
    }
  }

  @ParameterizedTest
  @MethodSource("devices")
  void anIndexOutOfRangeIsNaN(Device device) {
    for (DType dtype : new DType[] {DType.FP32, DType.FP16, DType.BF16}) {
      try (Tensor full = numbers(device, 2, 3);
          Tensor x = Ops.cast(full, dtype);
          Tensor index =
              Tensor.allocate(device, Shape.of(2, 2), DType.INT32)
                  .copyFrom(new int[] {0, 3, -1, 2});
          Tensor y = Ops.gather(x, index, 1);
          Tensor sums = Ops.scatterAdd(x, index, y, 1)) {
        assertArrayEquals(new float[] {0, Float.NaN, Float.NaN, 5}, y.toFloats());
        for (float sum : sums.toFloats()) {
          assertTrue(Float.isNaN(sum));
        }
      }
    }
  }

  @Test
  void axesThatAreNoneAreRefused() {
    try (Tensor x = numbers(TestDevices.scalar(), 2, 3)) {
      assertThrows(ShapeException.class, () -> Ops.max(x, new int[] {0, 0}, false));
      assertThrows(ShapeException.class, () -> Ops.max(x, new int[] {2}, false));
      try (Tensor none = Ops.slice(x, 1, 1, 1)) {
        assertThrows(ShapeException.class, () -> Ops.max(none, new int[] {1}, false));
      }
    }
  }

  @Test
  void wrongShapesAreRefusedWithBoth() {
    Device device = TestDevices.scalar();
    try (Tensor x = numbers(device, 2, 3);
        Tensor y = numbers(device, 3, 4)) {
      refused("concat: (2, 3) and (3, 4) along dimension 0", () -> Ops.concat(x, y, 0));
      refused("stack: (2, 3) and (3, 4)", () -> Ops.stack(0, x, y));
      refused("stack: axis 3 of tensors (2, 3)", () -> Ops.stack(3, x, x));
      refused("split: (2, 3) along axis 1 into [1, 1]", () -> Ops.split(x, 1, 1, 1)[0]);
      refused("slice: (2, 3) from [0, 2] to [2, 1]", () -> Ops.slice(x, 1, 2, 1));
      refused("crop: (2, 3) from [0] to [1]", () -> Ops.crop(x, new int[] {0}, new int[] {1}));
      refused("pad: (2, 3) by [1] before", () -> Ops.pad(x, new int[] {1}, new int[] {1}, 0));
      refused("permute: (2, 3) by axes [0, 0]", () -> Ops.permute(x, 0, 0));
      refused("gather: x (2, 3) and index (3, 4) FP32", () -> Ops.gather(x, y, 0));
    }
  }

  private static void refused(String message, Supplier<Tensor> operation) {
    ShapeException e = assertThrows(ShapeException.class, operation::get);
    assertTrue(requireNonNull(e.getMessage()).startsWith(message), e::toString);
  }

  private static Tensor numbers(Device device, int rows, int cols) {
    float[] values = new float[rows * cols];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return Tensor.allocate(device, Shape.of(rows, cols), DType.FP32).copyFrom(values);
  }

  private static void close(Tensor[] tensors) {
    for (Tensor tensor : tensors) {
      tensor.close();
    }
  }
}
