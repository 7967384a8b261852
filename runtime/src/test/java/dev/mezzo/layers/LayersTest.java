package dev.mezzo.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.Init;
import dev.mezzo.Ops;
import dev.mezzo.Tensor;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.Shape;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The layers as they run by themselves, in FP32. */
class LayersTest {

  @Test
  void linearMultipliesAndAdds() {
    Linear linear = new Linear(2, 3, new Random(1));
    linear.weight().copyFrom(new float[] {1f, 2f, 3f, 4f, 5f, 6f});
    linear.bias().copyFrom(new float[] {0.5f, 0f, -1f});
    try (Tensor x = Tensor.of(Shape.of(2, 2), 1f, 0f, 1f, 1f);
        Tensor y = linear.forward(x)) {
      assertEquals(Shape.of(2, 3), y.shape());
      assertArrayEquals(new float[] {1.5f, 3f, 4f, 3.5f, 7f, 10f}, y.toFloats());
    }
  }

  @Test
  void linearStartsAsPyTorchsDoes() {
    Linear linear = new Linear(400, 300, new Random(1));
    float bound = 0.05f;
    double squares = 0;
    float largest = 0;
    float[] weight = linear.weight().toFloats();
    for (float w : weight) {
      squares += (double) w * w;
      largest = Math.max(largest, Math.abs(w));
    }
    assertTrue(largest <= bound && largest > 0.999f * bound, "largest " + largest);
    // standard error of the mean square of 120,000 uniform numbers: 0.26 % of it
    assertEquals(bound * bound / 3, squares / weight.length, bound * bound / 3 * 0.013);
    for (float b : linear.bias().toFloats()) {
      assertTrue(Math.abs(b) <= bound);
    }
  }

  @Test
  void theSameGeneratorGivesTheSameLayer() {
    Linear one = new Linear(5, 4, new Random(8));
    Linear two = new Linear(5, 4, new Random(8));
    assertArrayEquals(one.weight().toFloats(), two.weight().toFloats());
    assertArrayEquals(one.bias().toFloats(), two.bias().toFloats());
  }

  @Test
  void activationsAndDropoutByThemselves() {
    try (Tensor x = Tensor.of(Shape.of(3), -1f, 0f, 2f);
        Tensor relu = new Relu().forward(x);
        Tensor gelu = new Gelu().forward(x);
        Tensor dropout = new Dropout(0.9f).forward(x)) {
      assertArrayEquals(new float[] {0f, 0f, 2f}, relu.toFloats());
      assertArrayEquals(new float[] {-0.158655f, 0f, 1.954500f}, gelu.toFloats(), 1e-5f);
      assertArrayEquals(x.toFloats(), dropout.toFloats());
    }
  }

  @Test
  void activationsAreTheirOperations() {
    try (Tensor x = Tensor.of(Shape.of(3), -2, 0, 1.5f)) {
      same(Ops.silu(x), new Silu().forward(x));
      same(Ops.sigmoid(x), new Sigmoid().forward(x));
      same(Ops.tanh(x), new Tanh().forward(x));
      same(Ops.softplus(x), new Softplus().forward(x));
      same(Ops.hardSwish(x), new HardSwish().forward(x));
      same(Ops.leakyRelu(x, 0.1f), new LeakyRelu(0.1f).forward(x));
      same(Ops.elu(x, 0.5f), new Elu(0.5f).forward(x));
    }
  }

  private static void same(Tensor expected, Tensor found) {
    assertArrayEquals(expected.toFloats(), found.toFloats());
    expected.close();
    found.close();
  }

  @Test
  void imagesGrow() {
    try (Tensor x = Tensor.of(Shape.of(1, 1, 2, 1), 1, 3);
        Tensor nearest = new UpsampleNearest2d(2).forward(x);
        Tensor areas = new UpsampleBilinear2d(2, false).forward(x);
        Tensor corners = new UpsampleBilinear2d(2, true).forward(x);
        Tensor padded = new Pad2d(0, 1, 1, 0, -1).forward(x)) {
      assertEquals(Shape.of(1, 2, 4, 1), nearest.shape());
      assertArrayEquals(new float[] {1, 1, 3, 3, 1, 1, 3, 3}, nearest.toFloats());
      assertArrayEquals(new float[] {1, 1.5f, 2.5f, 3, 1, 1.5f, 2.5f, 3}, areas.toFloats());
      float third = 2 / 3f;
      float[] even = {1, 1 + third, 1 + 2 * third, 3, 1, 1 + third, 1 + 2 * third, 3};
      assertArrayEquals(even, corners.toFloats(), 1e-6f);
      assertEquals(Shape.of(1, 2, 3, 1), padded.shape());
      assertArrayEquals(new float[] {-1, 1, 3, -1, -1, -1}, padded.toFloats());
    }
  }

  @Test
  void aLayerBeginsAnew() {
    Conv2d layer = new Conv2d(8, 4, 3, Convolution.of().withGroups(2), new Random(1));
    assertEquals(Shape.of(4, 3, 3, 4), layer.weight().shape());
    float largest = 0;
    for (float w : layer.weight().toFloats()) {
      largest = Math.max(largest, Math.abs(w));
    }
    assertEquals(1 / 6f, largest, 0.01f); // 1/√(3·3·4)
    layer.weight().initialize(Init.constant(0.25f), new Random(1));
    assertEquals(0.25f, layer.weight().toFloats()[17]);
    Convolution three = Convolution.of().withGroups(3);
    assertThrows(IllegalArgumentException.class, () -> new Conv2d(8, 9, 3, three, new Random(1)));
    assertThrows(IllegalArgumentException.class, () -> new Conv2d(9, 8, 3, three, new Random(1)));
  }

  @Test
  void badSettingsSayWhich() {
    assertThrows(IllegalArgumentException.class, () -> new UpsampleNearest2d(0));
    assertThrows(IllegalArgumentException.class, () -> new Pad2d(-1));
    assertThrows(IllegalArgumentException.class, () -> new LeakyRelu(-1));
    assertThrows(IllegalArgumentException.class, () -> new Elu(Float.NaN));
    assertThrows(IllegalArgumentException.class, () -> new Linear(0, 3));
    assertThrows(IllegalArgumentException.class, () -> new Linear(3, 0));
    assertThrows(IllegalArgumentException.class, () -> new Dropout(1f));
    assertThrows(IllegalArgumentException.class, () -> new Dropout(Float.NaN));
  }
}
