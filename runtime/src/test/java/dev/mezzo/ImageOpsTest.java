package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.types.Convolution;
import dev.mezzo.types.DType;
import dev.mezzo.types.Pooling;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import org.junit.jupiter.api.Test;

/** What users of convolutions and poolings rely on: shapes, layouts, errors. */
class ImageOpsTest {

  @Test
  void aConvolutionIsACrossCorrelation() {
    try (Tensor x = Tensor.of(Shape.of(1, 2, 3, 1), 1, 2, 3, 4, 5, 6);
        Tensor weight = Tensor.of(Shape.of(1, 2, 2, 1), 1, 0, 0, 10);
        Tensor y = Ops.conv2d(x, weight, Convolution.of())) {
      assertEquals(Shape.of(1, 1, 2, 1), y.shape());
      assertArrayEquals(new float[] {51, 62}, y.toFloats());
    }
  }

  @Test
  void strideTwoWithPaddingHalvesAnImage() {
    Convolution halving = Convolution.of().withStride(2).withPadding(1);
    try (Tensor x = Tensor.zeros(Shape.of(3, 32, 31, 4), DType.FP16);
        Tensor weight = Tensor.zeros(Shape.of(8, 3, 3, 4), DType.FP16);
        Tensor y = Ops.conv2d(x, weight, halving)) {
      assertEquals(Shape.of(3, 16, 16, 8), y.shape());
    }
  }

  @Test
  void aTransposedConvolutionDoublesAnImage() {
    try (Tensor x = Tensor.of(Shape.of(1, 1, 2, 1), 1, 2);
        Tensor weight = Tensor.of(Shape.of(1, 2, 2, 1), 1, 10, 100, 1000);
        Tensor bias = Tensor.of(Shape.of(1), 0.5f);
        Tensor y = Ops.convTranspose2d(x, weight, bias, Convolution.of().withStride(2))) {
      assertEquals(Shape.of(1, 2, 4, 1), y.shape());
      assertArrayEquals(
          new float[] {1.5f, 10.5f, 2.5f, 20.5f, 100.5f, 1000.5f, 200.5f, 2000.5f}, y.toFloats());
    }
  }

  @Test
  void groupsKeepChannelsApart() {
    try (Tensor x = Tensor.of(Shape.of(1, 1, 1, 2), 3, 5);
        Tensor weight = Tensor.of(Shape.of(2, 1, 1, 1), 10, 100);
        Tensor y = Ops.conv2d(x, weight, Convolution.of().withGroups(2))) {
      assertArrayEquals(new float[] {30, 500}, y.toFloats());
    }
  }

  @Test
  void poolingsOfAnImage() {
    try (Tensor x = Tensor.of(Shape.of(1, 2, 2, 2), 1, 8, 2, 7, 3, 6, 4, 5);
        Tensor greatest = Ops.maxPool2d(x, Pooling.of(2));
        Tensor mean = Ops.globalAveragePool(x)) {
      assertArrayEquals(new float[] {4, 8}, greatest.toFloats());
      assertEquals(Shape.of(1, 2), mean.shape());
      assertArrayEquals(new float[] {2.5f, 6.5f}, mean.toFloats());
    }
  }

  @Test
  void anEmptyBatchAndAnImageBelowTheKernelHaveEmptyResults() {
    try (Tensor none = Tensor.zeros(Shape.of(0, 5, 5, 3), DType.FP32);
        Tensor small = Tensor.zeros(Shape.of(2, 2, 5, 3), DType.FP32);
        Tensor weight = Tensor.zeros(Shape.of(4, 3, 3, 3), DType.FP32);
        Tensor y = Ops.conv2d(none, weight, Convolution.of());
        Tensor z = Ops.conv2d(small, weight, Convolution.of())) {
      assertEquals(Shape.of(0, 3, 3, 4), y.shape());
      assertEquals(Shape.of(2, 0, 3, 4), z.shape());
    }
  }

  @Test
  void shapesThatDoNotFitAreNamed() {
    try (Tensor x = Tensor.zeros(Shape.of(1, 5, 5, 3), DType.FP32);
        Tensor weight = Tensor.zeros(Shape.of(4, 3, 3, 2), DType.FP32);
        Tensor flat = Tensor.zeros(Shape.of(5, 3), DType.FP32)) {
      names("(1, 5, 5, 3)", "(4, 3, 3, 2)", () -> Ops.conv2d(x, weight, Convolution.of()));
      names("(5, 3)", "conv2d", () -> Ops.conv2d(flat, weight, Convolution.of()));
      names("(5, 3)", "maxPool2d", () -> Ops.maxPool2d(flat, Pooling.of(2)));
      names("(1, 5, 5, 3)", "groups", () -> Ops.groupNorm(x, flat, flat, 2, 1e-5f));
    }
    assertThrows(IllegalArgumentException.class, () -> Convolution.of().withStride(0));
    assertThrows(IllegalArgumentException.class, () -> Pooling.of(2).withPadding(2));
  }

  private static void names(String first, String second, Runnable operation) {
    ShapeException e = assertThrows(ShapeException.class, operation::run);
    String message = e.toString();
    assertTrue(message.contains(first) && message.contains(second), message);
  }
}
