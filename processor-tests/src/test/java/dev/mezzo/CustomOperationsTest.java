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
}
