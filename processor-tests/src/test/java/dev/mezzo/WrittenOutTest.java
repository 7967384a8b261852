package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mezzo.goldens.GoodSources;
import dev.mezzo.layers.Linear;
import dev.mezzo.layers.Rnn;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recurrent layer that is written out in a loop over an array, beside the operation. */
class WrittenOutTest {
  private static final int BATCH = 3;
  private static final int TIME = 7;
  private static final int IN = 5;
  private static final int HIDDEN = 4;

  /** FP32 sums of so few numbers, in another order. */
  private static final double TOLERANCE = 1e-5;

  @TempDir static Path directory;

  @Test
  void isTheRecurrentOperation() {
    Random random = new Random(3);
    Linear input = new Linear(IN, HIDDEN, random);
    Linear recurrent = new Linear(HIDDEN, HIDDEN, random);
    recurrent.bias().fill(0);
    Rnn rnn = new Rnn(IN, HIDDEN, random);
    rnn.weight().copyFrom(input.weight().toFloats());
    rnn.bias().copyFrom(input.bias().toFloats());
    rnn.recurrentWeight().copyFrom(recurrent.weight().toFloats());
    Object unrolled =
        new FormCase.Maker(GoodSources.compile(directory).classes())
            .make("WrittenOut", input, recurrent);

    Tensor x = Tensor.of(Shape.of(BATCH, TIME, IN), numbers(BATCH * TIME * IN, random));
    Tensor dy = Tensor.of(Shape.of(BATCH, TIME, HIDDEN), numbers(BATCH * TIME * HIDDEN, random));
    Run written = run(unrolled, x, dy, Tensor.zeros(Shape.of(BATCH, HIDDEN), DType.FP32));
    Run built = run(rnn, Ops.permute(x, 1, 0, 2), Ops.permute(dy, 1, 0, 2));

    assertClose(Ops.permute(built.y(), 1, 0, 2), written.y());
    assertClose(Ops.permute(built.dx(), 1, 0, 2), written.dx());
    assertClose(built.gradients(), "weight", written.gradients(), "input.weight");
    assertClose(built.gradients(), "bias", written.gradients(), "input.bias");
    assertClose(built.gradients(), "recurrentWeight", written.gradients(), "recurrent.weight");
  }

  private record Run(Tensor y, Tensor dx, Map<String, float[]> gradients) {}

  private static Run run(Object model, Tensor x, Tensor dy, Tensor... more) {
    try (FormBench bench = new FormBench(model, DType.FP32)) {
      Object[] arguments = new Object[1 + more.length];
      arguments[0] = x;
      System.arraycopy(more, 0, arguments, 1, more.length);
      Tensor y = bench.forward(arguments);
      boolean[] wanted = new boolean[arguments.length];
      wanted[0] = true;
      Tensor dx = java.util.Objects.requireNonNull(bench.backward(dy, wanted)[0]);
      return new Run(y, dx, bench.gradients());
    }
  }

  private static float[] numbers(int count, Random random) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = random.nextFloat(-1, 1);
    }
    return numbers;
  }

  private static void assertClose(
      Map<String, float[]> expected, String name, Map<String, float[]> found, String other) {
    assertClose(
        expected.getOrDefault(name, new float[0]), found.getOrDefault(other, new float[1]), other);
  }

  private static void assertClose(Tensor expected, Tensor found) {
    assertClose(expected.toFloats(), found.toFloats(), "tensor " + found.shape());
  }

  private static void assertClose(float[] expected, float[] found, String what) {
    assertEquals(expected.length, found.length, what);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], found[i], TOLERANCE * Math.max(1, Math.abs(expected[i])), what);
    }
  }
}
