package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.goldens.GoodSources;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The same layers with and without {@code @Recompute}: the same numbers, less memory. */
class RecomputeTest {
  private static final int ROWS = 16;
  private static final int IN = 4;
  private static final int WIDE = 8;

  @TempDir static Path directory;

  private static FormCase.@Nullable Maker maker;

  @BeforeAll
  static void compile() {
    maker = new FormCase.Maker(GoodSources.compile(directory).classes());
  }

  @ParameterizedTest
  @EnumSource(names = {"FP32", "FP16", "BF16"})
  void givesTheSameBits(DType half) {
    assertSame(run("Kept", half), run("Recomputed", half));
    assertSame(run("Kept", half), run("RanAgain", half));
    assertSame(run("Remembered", half), run("Again", half));
  }

  private static void assertSame(Run kept, Run recomputed) {
    assertArrayEquals(kept.y(), recomputed.y());
    assertArrayEquals(kept.dx(), recomputed.dx());
    assertEquals(kept.gradients().keySet(), recomputed.gradients().keySet());
    assertFalse(kept.gradients().isEmpty());
    kept.gradients()
        .forEach((path, g) -> assertArrayEquals(g, recomputed.gradients().get(path), path));
  }

  /** In half a block saves x (rows, 4) and its tanh (rows, 8); recomputed it saves x alone. */
  @Test
  void savesWhatGoesInAlone() {
    long kept = run("Kept", DType.FP16).saved();
    long recomputed = run("Recomputed", DType.FP16).saved();
    assertEquals(2L * ROWS * (3 * IN + IN + IN), recomputed, "two blocks, noise, mixed and out");
    assertEquals(2L * ROWS * (2 * (IN + WIDE) + IN + IN), kept, "the same without @Recompute");
  }

  /** The same of calls whose local variables are annotated. */
  @Test
  void aCallSavesWhatGoesInAlone() {
    long recomputed = run("RanAgain", DType.FP16).saved();
    assertEquals(2L * ROWS * (3 * IN + IN + IN), recomputed, "two blocks, noise, mixed and out");
  }

  /** The same of a class that is annotated, in whatever field it stands. */
  @Test
  void aClassSavesWhatGoesInAlone() {
    long kept = run("Remembered", DType.FP16).saved();
    long recomputed = run("Again", DType.FP16).saved();
    assertEquals(2L * ROWS * (3 * IN + IN), recomputed, "three blocks and out");
    assertEquals(2L * ROWS * (3 * (IN + 2 * WIDE) + IN), kept, "x, tanh and dropout of each");
  }

  private record Run(float[] y, float[] dx, Map<String, float[]> gradients, long saved) {}

  private static Run run(String name, DType half) {
    Random random = new Random(4);
    FormCase.Maker layers = Objects.requireNonNull(maker);
    boolean ofClass = name.equals("Again") || name.equals("Remembered");
    Object model =
        ofClass ? FormCase.again(layers, random, name) : FormCase.blocks(layers, random, name);
    float[] numbers = new float[ROWS * IN];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextFloat(-1, 1);
    }
    try (FormBench bench = new FormBench(model, half)) {
      Tensor x = bench.given(Tensor.of(Shape.of(ROWS, IN), numbers), Precision.HALF);
      Tensor y = bench.forward(x);
      long saved = bench.tape().savedBytes();
      Tensor dy = Ops.cast(Tensor.of(y.shape(), y.toFloats()), y.dtype());
      Tensor dx = Objects.requireNonNull(bench.backward(dy, true)[0]);
      assertEquals(0, bench.tape().size());
      return new Run(y.toFloats(), dx.toFloats(), bench.gradients(), saved);
    }
  }
}
