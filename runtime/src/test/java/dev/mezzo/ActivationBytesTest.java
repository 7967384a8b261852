package dev.mezzo;

import static dev.mezzo.GradientCase.any;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.GradientCase.Floats;
import dev.mezzo.GradientCase.Ints;
import dev.mezzo.backend.vector.VectorBackend;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * 16 bits outside, FP32 inside: what an operation holds beside its operands is its result, what its
 * gradient reads, and numbers for each row; never its operand, or a part of it, in FP32. Counted to
 * the byte where tensors are made.
 */
class ActivationBytesTest {

  private static final int ROWS = 48;
  private static final int WIDTH = 96;
  private static final Shape MATRIX = Shape.of(ROWS, WIDTH);

  /**
   * A call.
   *
   * @param saved 16-bit elements that it leaves on the tape for each of the operand's
   */
  record Call(List<GradientCase> gradients, double saved) {

    @Override
    public String toString() {
      return gradients.getFirst().toString();
    }
  }

  static Stream<Call> calls() {
    Object x = new GradientCase.Operand(MATRIX, GradientCase.Kind.ANY);
    Object image = any(4, 6, 8, 24);
    Object ones = any(24);
    Floats statistics = new Floats(Shape.of(24), new float[24]);
    return Stream.of(
        call(0, "softmax(x)", x),
        call(0, "layerNorm(x, weight, bias, epsilon)", x, any(WIDTH), any(WIDTH), 1e-3f),
        call(0, "rmsNorm(x, weight, epsilon)", x, any(WIDTH), 1e-3f),
        call(0, "groupNorm(x, weight, bias, groups, epsilon)", image, ones, ones, 4, 1e-3f),
        call(
            0,
            "batchNorm(x, weight, bias, mean, variance, momentum, epsilon)",
            image,
            ones,
            ones,
            statistics,
            statistics,
            0.1f,
            1e-3f),
        call(0, "crossEntropy(logits, labels)", x, new Ints(Shape.of(ROWS), new int[ROWS])),
        call(
            0,
            "attention(q, k, v, heads, causal)",
            any(2, 64, 32),
            any(2, 64, 32),
            any(2, 64, 32),
            2,
            true),
        call(0, "selfAttention(qkv, heads, keyHeads, causal)", any(2, 64, 96), 2, 2, true),
        call(5 / 4.0, "lstm(gates, weight)", any(24, 4, 64), any(1, 64, 16)),
        call(4 / 3.0, "gru(gates, weight, bias)", any(24, 4, 48), any(1, 48, 16), any(1, 16)),
        call(0, "rnn(gates, weight, relu)", any(24, 4, 16), any(1, 16, 16), false));
  }

  private static Call call(double saved, String signature, Object... given) {
    return new Call(GradientCase.gradientsOf(signature, given), saved);
  }

  @ParameterizedTest
  @MethodSource("calls")
  void nothingIsHeldInFp32(Call call) {
    for (DType half : List.of(DType.FP16, DType.BF16)) {
      try (Device device = Device.of(new VectorBackend(1))) {
        check(call, device, half);
      }
    }
  }

  private static void check(Call call, Device device, DType half) {
    GradientCase first = call.gradients.getFirst();
    Tensor[] full = first.make(device);
    Tensor[] operands = Stream.of(full).map(x -> Ops.cast(x, half)).toArray(Tensor[]::new);
    Stream.of(full).forEach(Tensor::close);
    long elements = operands[0].shape().size();
    Memory memory = device.memory();
    first.call(
        operands,
        operation -> {
          long before = memory.liveBytes();
          memory.resetPeaks();
          Tensor y = (Tensor) operation.forward();
          long byRow = elements / 2; // a few FP32 numbers a row; an FP32 operand is 4·elements
          long kept = bytes(y) + Math.round(2 * call.saved * elements);
          assertAtMost(kept + byRow, memory.peakBytes() - before, "forward");
          try (Tensor dy = Ops.scale(y, 1)) {
            before = memory.liveBytes();
            memory.resetPeaks();
            Map<String, Tensor> gradients = operation.backward(first.rule(), dy);
            long made = gradients.values().stream().mapToLong(ActivationBytesTest::bytes).sum();
            assertAtMost(made + byRow, memory.peakBytes() - before, "backward");
            gradients.values().forEach(Tensor::close);
          }
          y.close();
        });
    Stream.of(operands).forEach(Tensor::close);
    assertEquals(0, memory.liveTensors());
  }

  private static void assertAtMost(long most, long bytes, String what) {
    assertTrue(
        bytes <= most, () -> "%s holds %,d bytes, more than %,d".formatted(what, bytes, most));
  }

  private static long bytes(Tensor x) {
    return x.shape().size() * x.dtype().bytes();
  }
}
