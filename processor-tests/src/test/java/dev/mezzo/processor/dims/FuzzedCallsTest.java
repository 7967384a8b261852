package dev.mezzo.processor.dims;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.Device;
import dev.mezzo.Ops;
import dev.mezzo.Tensor;
import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.backend.vector.VectorBackend;
import dev.mezzo.types.DType;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operation on random shapes: what fits gives on vectors and two threads what plain loops
 * give; what does not is refused by both, and the message says which shapes it was given.
 */
class FuzzedCallsTest {
  private static final int TRIES = 4_000;
  private static final int ENOUGH = 40;

  static Stream<DeclaredOperation> operations() throws IOException {
    return DeclaredOperation.of(Ops.class).stream();
  }

  @ParameterizedTest
  @MethodSource("operations")
  void givesWhatPlainLoopsGive(DeclaredOperation operation) throws IllegalAccessException {
    fuzz(operation, DType.FP32);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void soItDoesIn16Bits(DeclaredOperation operation) throws IllegalAccessException {
    fuzz(operation, DType.FP16);
  }

  private static void fuzz(DeclaredOperation operation, DType floats)
      throws IllegalAccessException {
    ShapeRule rule =
        ShapeRule.parse(operation.text("shape").orElseThrow(), new HashSet<>(operation.operands()));
    Random random = new Random(11);
    int fitting = 0;
    int refused = 0;
    try (Device plain = Device.of(new ScalarBackend());
        Device vector = Device.of(new VectorBackend(2))) {
      for (int i = 0; i < TRIES && fitting < ENOUGH; i++) {
        Trial trial = Trial.draw(operation, rule, random);
        Trial onPlain = trial.on(plain, floats);
        Trial onVector = trial.on(vector, floats);
        Optional<RuntimeException> refusal = onPlain.refusal();
        if (refusal.isEmpty()) {
          assertSame(onPlain, onVector);
          fitting++;
        } else if (refused++ < ENOUGH) {
          String message = String.valueOf(refusal.get().getMessage());
          assertEquals(
              Optional.of(message),
              onVector.refusal().map(Throwable::getMessage),
              trial.toString());
          assertTrue(namesAShape(message, trial), () -> trial + ": " + message);
        }
      }
    }
  }

  /**
   * Relative to the greatest result: of FP32 sums of at most some hundred terms in another order
   * and functions within 8 u, or of one rounding to FP16.
   */
  private static double tolerance(DType dtype) {
    return dtype == DType.FP16 ? 0x1p-10 : 1e-4;
  }

  /** The shape of one operand at least, or, of a plain argument that is wrong by itself, it. */
  private static boolean namesAShape(String message, Trial trial) {
    return Stream.of(trial.arguments())
        .anyMatch(
            argument ->
                switch (argument) {
                  case Tensor tensor -> message.contains(tensor.shape().toString());
                  case Tensor[] tensors ->
                      Stream.of(tensors).anyMatch(t -> message.contains(t.shape().toString()));
                  default -> message.contains(String.valueOf(argument));
                });
  }

  private static void assertSame(Trial plain, Trial vector) throws IllegalAccessException {
    List<Tensor> expected = plain.run().orElseThrow();
    List<Tensor> found = vector.run().orElseThrow();
    assertEquals(expected.size(), found.size(), plain.toString());
    for (int i = 0; i < expected.size(); i++) {
      assertSame(plain, expected.get(i), found.get(i));
    }
  }

  /** Closes both. */
  private static void assertSame(Trial plain, Tensor expected, Tensor found) {
    try (expected;
        found) {
      assertEquals(expected.shape(), found.shape(), plain.toString());
      assertEquals(expected.dtype(), found.dtype(), plain.toString());
      double[] right = values(expected);
      double[] values = values(found);
      double scale = 1;
      for (double value : right) {
        scale = Double.isFinite(value) ? Math.max(scale, Math.abs(value)) : scale;
      }
      for (int i = 0; i < right.length; i++) {
        double bound = tolerance(found.dtype()) * scale;
        boolean same =
            Double.isFinite(right[i])
                ? Math.abs(values[i] - right[i]) <= bound
                : Double.compare(values[i], right[i]) == 0;
        String text = plain + ", element " + i + ": " + values[i] + ", but " + right[i];
        assertTrue(same, text);
      }
    }
  }

  private static double[] values(Tensor tensor) {
    double[] values = new double[(int) tensor.shape().size()];
    if (tensor.dtype() == DType.INT32) {
      int[] ints = tensor.toInts();
      for (int i = 0; i < values.length; i++) {
        values[i] = ints[i];
      }
    } else {
      float[] floats = tensor.toFloats();
      for (int i = 0; i < values.length; i++) {
        values[i] = floats[i];
      }
    }
    return values;
  }
}
