package dev.mezzo.backend.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mezzo.backend.AdamWStep;
import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Reduction;
import dev.mezzo.backend.SgdStep;
import dev.mezzo.backend.StepControl;
import dev.mezzo.backend.Unary;
import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.DType;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each kernel beside the reference on the same operands, at sizes around vectors, chunks and tasks.
 * A tolerance is in units of the result type's rounding, plus what FP32 arithmetic adds.
 */
final class KernelsTest {

  private static final int[] SIZES = {1, 2, 13, 207, 2048, 2049, 70_001};
  private static final DType[] FLOATS = {DType.FP32, DType.FP16, DType.BF16};

  private static final Backend REFERENCE = new ScalarBackend();
  private static final VectorBackend BACKEND = new VectorBackend(2);

  @AfterAll
  static void end() {
    BACKEND.close();
  }

  @ParameterizedTest
  @EnumSource(Unary.Function.class)
  void unary(Unary.Function named) {
    Unary function = new Unary(named, 0.25f, 1);
    for (DType dtype : FLOATS) {
      for (int size : SIZES) {
        // The slopes of these have a zero, near which their terms cancel.
        double relative =
            switch (named) {
              case GELU, GELU_TANH, SILU, HARD_SWISH -> 0x1p-15;
              default -> 0x1p-20;
            };
        Operand x = Data.normal(dtype, size, size);
        both(dtype, size, relative, (backend, y) -> backend.unary(function, x, y));
        Operand dy = Data.normal(dtype, size, 2);
        both(dtype, size, relative, (backend, dx) -> backend.unaryGradient(function, dy, x, dx));
      }
    }
  }

  @Test
  void reluOfEveryPattern() {
    for (DType dtype : new DType[] {DType.FP16, DType.BF16}) {
      Operand all = Data.sized(dtype, 65536L);
      for (int i = 0; i < 65536; i++) {
        all.data().setAtIndex(java.lang.foreign.ValueLayout.JAVA_SHORT, i, (short) i);
      }
      both(dtype, 65536, 0, (backend, y) -> backend.unary(Unary.RELU, all, y));
      Operand ones = Data.sized(dtype, 65536L);
      REFERENCE.fill(ones, 1);
      both(dtype, 65536, 0, (backend, y) -> backend.unaryGradient(Unary.RELU, ones, all, y));
    }
  }

  @ParameterizedTest
  @EnumSource(Binary.class)
  void binary(Binary function) {
    List<Broadcast> broadcasts =
        List.of(
            new Broadcast(new int[] {70_001}, new long[] {1}, new long[] {1}),
            new Broadcast(new int[] {300}, new long[] {1}, new long[] {0}),
            new Broadcast(new int[] {37, 2100}, new long[] {2100, 1}, new long[] {0, 1}),
            new Broadcast(new int[] {37, 13}, new long[] {1, 0}, new long[] {13, 1}),
            new Broadcast(new int[] {5, 7, 11}, new long[] {0, 11, 1}, new long[] {11, 0, 1}),
            new Broadcast(new int[] {9, 4}, new long[] {1, 9}, new long[] {0, 1}));
    for (DType dtype : FLOATS) {
      for (Broadcast broadcast : broadcasts) {
        int size = 1;
        for (int dim : broadcast.dims()) {
          size *= dim;
        }
        Operand a = Data.normal(dtype, size, 1);
        Operand b = Data.normal(DType.FP16, size, 2);
        both(dtype, size, 0, (backend, c) -> backend.binary(function, a, b, c, broadcast));
      }
    }
  }

  @Test
  void scaleFillCast() {
    for (DType dtype : FLOATS) {
      for (int size : SIZES) {
        Operand x = Data.normal(DType.FP32, size, 3);
        both(dtype, size, 0, (backend, y) -> backend.scale(x, 3.7f, y));
        both(dtype, size, 0, (backend, y) -> backend.cast(x, y));
        both(dtype, size, 0, (backend, y) -> backend.fill(y, 0.1f));
      }
    }
    both(DType.INT32, 5000, 0, (backend, y) -> backend.fill(y, -3));
    Operand ints = Data.ints(3, -1, Integer.MAX_VALUE);
    both(DType.INT32, 3, 0, (backend, y) -> backend.cast(ints, y));
  }

  @Test
  void transpose() {
    for (DType dtype : new DType[] {DType.FP32, DType.FP16, DType.INT32}) {
      for (int[] shape : new int[][] {{1, 1, 1}, {2, 13, 40}, {1, 100, 33}, {3, 64, 64}}) {
        int size = shape[0] * shape[1] * shape[2];
        Operand x = Data.normal(dtype, size, 3);
        both(dtype, size, 0, (backend, y) -> backend.transpose(x, y, shape[0], shape[1], shape[2]));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {0.1f, 0.5f})
  void dropoutDrawsTheSameMask(float rate) {
    for (DType dtype : FLOATS) {
      for (int size : SIZES) {
        Operand x = Data.normal(dtype, size, 4);
        both(dtype, size, 0, (backend, y) -> backend.dropout(x, y, rate, 0x123456789abcdefL, null));
      }
    }
  }

  @Test
  void sum() {
    int[][] shapes = {
      {1, 70_001, 1},
      {13, 207, 1},
      {100, 3000, 1},
      {1, 256, 1024},
      {1, 300, 10},
      {3, 257, 33},
      {1, 5, 2100},
    };
    for (DType dtype : FLOATS) {
      for (int[] shape : shapes) {
        Operand x = Data.normal(dtype, (long) shape[0] * shape[1] * shape[2], 5);
        Reduction reduction = new Reduction(shape[0], shape[1], shape[2], 1f / shape[1]);
        both(dtype, shape[0] * shape[2], 0x1p-18, (backend, y) -> backend.sum(x, y, reduction));
      }
    }
  }

  @Test
  void argmax() {
    for (int cols : new int[] {1, 10, 2500}) {
      Operand x = Data.normal(DType.FP16, 40L * cols, 6);
      Data.set(x, 3L * cols + cols / 2, Float.NaN);
      both(DType.INT32, 40, 0, (backend, y) -> backend.argmax(x, y, 40, cols));
    }
    Operand low = Data.of(DType.FP32, Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY);
    both(DType.INT32, 1, 0, (backend, y) -> backend.argmax(low, y, 1, 2));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void softmax(boolean logarithm) {
    for (DType dtype : FLOATS) {
      for (int cols : new int[] {1, 10, 257, 5000}) {
        int rows = 60;
        Operand x = Data.normal(dtype, (long) rows * cols, 7);
        Operand dy = Data.normal(dtype, (long) rows * cols, 8);
        both(dtype, rows * cols, 0x1p-19, (b, y) -> b.softmax(x, y, rows, cols, logarithm));
        Operand y = Data.sized(dtype, (long) rows * cols);
        REFERENCE.softmax(x, y, rows, cols, logarithm);
        both(
            dtype,
            rows * cols,
            0x1p-17,
            (b, dx) -> b.softmaxGradient(dy, y, dx, rows, cols, logarithm));
      }
    }
  }

  @Test
  void crossEntropy() {
    for (DType dtype : FLOATS) {
      for (int cols : new int[] {1, 10, 257, 5000}) {
        int rows = 60;
        Operand logits = Data.normal(dtype, (long) rows * cols, 7);
        Operand labels = Data.sized(DType.INT32, rows);
        for (int i = 0; i < rows; i++) {
          Data.set(labels, i, i * 31 % cols);
        }
        Operand dLoss = Data.of(DType.FP32, 1024);
        both(DType.FP32, 1, 0x1p-20, (b, y) -> b.crossEntropy(logits, labels, y, rows, cols));
        both(
            dtype,
            rows * cols,
            0x1p-17,
            (b, y) -> b.crossEntropyGradient(dLoss, logits, labels, y, rows, cols));
        Data.set(labels, 7, cols);
        both(DType.FP32, 1, 0, (b, y) -> b.crossEntropy(logits, labels, y, rows, cols));
        both(
            dtype,
            rows * cols,
            0x1p-17,
            (b, y) -> b.crossEntropyGradient(dLoss, logits, labels, y, rows, cols));
      }
    }
  }

  @Test
  void meanSquaredError() {
    for (int size : SIZES) {
      Operand x = Data.normal(DType.FP16, size, 7);
      Operand target = Data.normal(DType.FP32, size, 8);
      Operand dLoss = Data.of(DType.FP32, 1024);
      both(DType.FP32, 1, 0x1p-19, (b, y) -> b.meanSquaredError(x, target, y));
      both(DType.FP16, size, 0x1p-20, (b, y) -> b.meanSquaredErrorGradient(dLoss, x, target, y));
    }
  }

  @Test
  void exponentHistogram() {
    Operand x = Data.normal(DType.FP16, 70_001, 9);
    Data.set(x, 5, 0);
    Data.set(x, 6, Float.NaN);
    Data.set(x, 7, Float.NEGATIVE_INFINITY);
    Data.set(x, 8, 0x1p-24f);
    both(
        DType.INT32,
        322,
        0,
        (backend, counts) -> {
          backend.fill(counts, 2);
          backend.exponentHistogram(x, 0x1p-10f, counts);
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void updates(boolean overflow) {
    for (DType master : new DType[] {DType.FP32, DType.FP16}) {
      for (int size : new int[] {1, 207, 70_001}) {
        for (int form = 0; form < 4; form++) {
          Weight expected = new Weight(master, size, overflow);
          Weight found = new Weight(master, size, overflow);
          expected.step(REFERENCE, form);
          found.step(BACKEND, form);
          double relative = form == 3 ? 0x1p-21 : 0; // SGD's operations are the same
          compare(expected.master, found.master, relative);
          compare(expected.shadow, found.shadow, relative);
          compare(expected.velocity, found.velocity, relative);
          compare(expected.variance, found.variance, relative);
          compare(expected.squares(), found.squares(), 0x1p-19);
          assertArrayEquals(
              Data.bytes(expected.control.scaleCounters()),
              Data.bytes(found.control.scaleCounters()));
          assertArrayEquals(
              Data.bytes(expected.control.flags()), Data.bytes(found.control.flags()));
        }
      }
    }
  }

  /** Runs a kernel on both backends, each with a result of its own, and compares. */
  private static void both(
      DType dtype, int size, double relative, BiConsumer<Backend, Operand> kernel) {
    Operand expected = Data.sized(dtype, size);
    Operand found = Data.sized(dtype, size);
    kernel.accept(REFERENCE, expected);
    kernel.accept(BACKEND, found);
    compare(expected, found, relative);
  }

  private static void compare(Operand expected, Operand found, double relative) {
    // Where FP32 results differ, 16-bit ones may round to neighbours.
    double ulp = relative == 0 ? 0 : 2 * Data.epsilon(expected.dtype());
    for (long i = 0; i < expected.size(); i++) {
      float value = Data.get(expected, i);
      double scale = Float.isFinite(value) ? Math.max(Math.abs(value), 0x1p-6) : 0;
      long index = i;
      assertEquals(
          value,
          Data.get(found, i),
          (float) ((relative + (expected.dtype().isHalf() ? ulp : 0)) * scale),
          () -> "at " + index + " of " + expected.size() + " " + expected.dtype());
    }
  }

  /** A weight's update with both optimizers. */
  private static final class Weight {
    final StepControl control =
        new StepControl(
            Data.ints(0, 0),
            Data.of(DType.FP32, 0),
            Data.ints(0),
            Data.of(DType.FP32, 0),
            Data.ints(2),
            Data.of(DType.FP32, 0.1f, 0.2f),
            Data.of(DType.FP32, 0),
            Data.of(DType.FP32, 1024),
            Data.ints(3, 0));
    final Operand gradient;
    final Operand master;
    final Operand shadow;
    final Operand velocity;
    final Operand variance;

    Weight(DType dtype, int size, boolean overflow) {
      gradient = Data.normal(DType.FP16, size, 1);
      if (overflow) {
        Data.set(gradient, size - 1, Float.NEGATIVE_INFINITY);
      }
      master = Data.normal(dtype, size, 2);
      shadow = Data.normal(DType.BF16, size, 3);
      velocity = Data.normal(DType.FP32, size, 4);
      variance = Data.sized(DType.FP32, size);
      REFERENCE.fill(variance, 0.25f);
    }

    Operand squares() {
      return control.squares();
    }

    void step(Backend backend, int form) {
      backend.checkFinite(gradient, control, 1);
      backend.beginUpdate(control, 0.5f);
      switch (form) {
        case 0 -> backend.sgd(sgd(null, 0, false));
        case 1 -> backend.sgd(sgd(velocity, 0.9f, false));
        case 2 -> backend.sgd(sgd(velocity, 0.9f, true));
        default -> backend.adamW(adamW());
      }
      backend.endUpdate(control, LossScale.dynamic());
    }

    private AdamWStep adamW() {
      return new AdamWStep(
          control, gradient, velocity, variance, master, shadow, 0.9f, 0.999f, 1e-8f, 0.01f);
    }

    private SgdStep sgd(@Nullable Operand velocity, float momentum, boolean nesterov) {
      return new SgdStep(control, gradient, velocity, master, shadow, momentum, nesterov, 0.01f);
    }
  }
}
