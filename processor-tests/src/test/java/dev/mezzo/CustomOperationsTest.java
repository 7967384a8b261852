package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.goldens.GoodSources;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A user's own operations: an argument without gradient, a by-product on the tape; what {@code
 * stopGradient} stops, and straight-through estimators by it and by a gradient of one's own.
 */
class CustomOperationsTest {
  @TempDir static Path directory;

  @Test
  void gradientsGoStraightThroughRounding() {
    Device before = Device.current();
    Device device = Device.of(new ScalarBackend());
    Device.setDefault(device);
    try {
      FormCase.Maker maker = new FormCase.Maker(GoodSources.compile(directory).classes());
      Parameter shift = Parameter.of(Tensor.of(Shape.of(2), 0.3f, -0.2f));
      Object model = maker.make("Custom", shift, 0.25f);
      for (DType half : List.of(DType.FP32, DType.FP16, DType.BF16)) {
        check(model, half, device);
      }
    } finally {
      Device.setDefault(before);
    }
  }

  private static void check(Object model, DType half, Device device) {
    try (FormBench bench = new FormBench(model, half);
        Tensor x = Ops.cast(Tensor.of(Shape.of(3, 2), 1, -2, 0.5f, 0.75f, 1, 1), half);
        Tensor rows = Tensor.ofInts(Shape.of(3), 1, 1, 0)) {
      long before = device.memory().liveTensors();
      Tensor y = bench.forward(x, rows);
      // round(x + shift, 1/4) + round(x, 1/4) + shift: of the third row nothing
      float[] expected = {1.25f + 1 + 0.3f, 0, 0.75f + 0.5f + 0.3f, 0.5f + 0.75f - 0.2f, 0, 0};
      assertArrayEquals(expected, y.toFloats(), half == DType.BF16 ? 0x1p-6f : 0x1p-9f);
      y.close();
      // dx comes through both estimators of x + shift, and not through stopGradient(x)
      try (Tensor dy = Tensor.of(Shape.of(3, 2), 1, 2, 4, 8, 16, 32)) {
        @Nullable Tensor dx = bench.backward(dy, true)[0];
        assertNotNull(dx);
        assertArrayEquals(new float[] {1, 0, 4, 8, 0, 0}, dx.toFloats());
        assertEquals(half, dx.dtype());
        dx.close();
      }
      assertArrayEquals(new float[] {5, 8}, bench.gradients().get("shift"));
      assertEquals(0, bench.tape().size());
      assertEquals(before + 1, device.memory().liveTensors(), "the weight's gradient alone");
    }
  }

  /**
   * An operation that hands a {@code Finish} on is rounded once, behind the addition and tanh; its
   * gradients are those of all three.
   */
  @Test
  void anOperationsProductFinishesItsResult() {
    Device before = Device.current();
    Device device = Device.of(new ScalarBackend());
    Device.setDefault(device);
    try {
      FormCase.Maker maker = new FormCase.Maker(GoodSources.compile(directory).classes());
      Parameter down = Parameter.of(Tensor.of(Shape.of(1, 2), 1, 0x1p-10f));
      Parameter up = Parameter.of(Tensor.of(Shape.of(2, 1), 1, -1));
      Object model = maker.make("OwnFinish", down, up);
      try (FormBench bench = new FormBench(model, DType.FP16);
          Tensor x = Ops.cast(Tensor.of(Shape.of(1, 2), 1, 1), DType.FP16)) {
        long live = device.memory().liveTensors();
        Tensor y = bench.forward(x);
        // x·downᵀ = 1 + 2⁻¹⁰, exact; 2 + 2⁻¹⁰ would be a tie in FP16, to 2, where tanh is 0.964028
        float[] expected = {(float) Math.tanh(2 + 0x1p-10), (float) Math.tanh(-0x1p-10)};
        try (Tensor exact = Tensor.of(Shape.of(1, 2), expected);
            Tensor rounded = Ops.cast(exact, DType.FP16)) {
          assertArrayEquals(rounded.toFloats(), y.toFloats());
        }
        float[] slope = {1 - y.toFloats()[0] * y.toFloats()[0], 1};
        y.close();
        try (Tensor dy = Tensor.of(Shape.of(1, 2), 1, 1)) {
          @Nullable Tensor dx = bench.backward(dy, true)[0];
          assertNotNull(dx);
          float narrow = slope[0] - slope[1];
          assertArrayEquals(new float[] {narrow + slope[0], slope[1]}, dx.toFloats(), 0x1p-9f);
          assertArrayEquals(new float[] {narrow, narrow}, bench.gradients().get("down"), 0x1p-9f);
          assertArrayEquals(new float[] {slope[0], 1}, bench.gradients().get("up"), 0x1p-8f);
          dx.close();
        }
        assertEquals(0, bench.tape().size());
        assertEquals(live + 2, device.memory().liveTensors(), "the weights' gradients alone");
      }
    } finally {
      Device.setDefault(before);
    }
  }
}
