package dev.mezzo.benchmarks.kernels;

import dev.mezzo.backend.AdamWStep;
import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Reduction;
import dev.mezzo.backend.SgdStep;
import dev.mezzo.backend.StepControl;
import dev.mezzo.backend.Strided;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Casts, element-wise kernels, reductions, losses, updates: memory binds them, except the functions
 * that are polynomials, which arithmetic binds.
 */
final class OtherCases {

  private static final int SMALL = 1 << 16;
  private static final int LARGE = 1 << 25;
  private static final int ROWS = 256;
  private static final int COLS = 1024;
  private static final int ACTIVATIONS = ROWS * COLS;
  private static final int WEIGHTS = 1 << 20;
  private static final int MANY_WEIGHTS = 10 << 20;

  private final Backend backend;
  private final Operands operands;
  private final List<KernelCase> cases = new ArrayList<>();

  private OtherCases(Backend backend) {
    this.backend = backend;
    this.operands = new Operands(backend);
  }

  static List<KernelCase> all(Backend backend) {
    OtherCases all = new OtherCases(backend);
    all.casts();
    all.elementWise();
    all.reductions();
    all.arrangements();
    all.losses();
    all.updates();
    return all.cases;
  }

  private void casts() {
    for (int size : new int[] {SMALL, LARGE}) {
      for (DType half : new DType[] {DType.FP16, DType.BF16}) {
        cast(DType.FP32, half, size);
        cast(half, DType.FP32, size);
      }
    }
  }

  /**
   * The vector operations of a function's formula, each of which takes the place of a multiply-add:
   * what bounds it; 0 where memory does.
   */
  private static int operations(Unary.Function function) {
    return switch (function) {
      case RELU -> 0;
      case EXP -> 26;
      case SIGMOID -> 32;
      case LOG -> 36;
      case TANH -> 46;
      case GELU -> 54;
      case SILU, ELU -> 33;
      case SIN, COS -> 30;
      case GELU_TANH -> 40;
      case SOFTPLUS -> 66;
      default -> 0; // some operations: memory binds it
    };
  }

  private void cast(DType from, DType to, int size) {
    add(
        "cast",
        size,
        from + " " + to,
        6,
        () -> {
          Operand x = operands.random(from, size);
          Operand y = operands.filled(to, size, 0);
          return () -> backend.cast(x, y);
        });
  }

  private void elementWise() {
    for (Unary.Function named : Unary.Function.values()) {
      Unary function = new Unary(named, 0.25f, 1);
      cases.add(
          new KernelCase(
              named.name().replace('_', ' ').toLowerCase(Locale.ROOT),
              Integer.toString(ACTIVATIONS),
              "FP16",
              2.0 * operations(named) * ACTIVATIONS,
              4L * ACTIVATIONS,
              () -> {
                Operand x = operands.filled(DType.FP16, ACTIVATIONS, 0.5f);
                Operand y = operands.filled(DType.FP16, ACTIVATIONS, 0);
                return () -> backend.unary(function, x, y);
              }));
    }
    add(
        "relu gradient",
        ACTIVATIONS,
        "FP16",
        6,
        () -> {
          Operand dy = operands.random(DType.FP16, ACTIVATIONS);
          Operand y = operands.random(DType.FP16, ACTIVATIONS);
          return () -> backend.unaryGradient(Unary.RELU, dy, y, dy);
        });
    add(
        "add row",
        ACTIVATIONS,
        "FP16",
        4,
        () -> {
          Operand x = operands.random(DType.FP16, ACTIVATIONS);
          Operand row = operands.filled(DType.FP16, COLS, 0);
          Broadcast rows =
              new Broadcast(new int[] {ROWS, COLS}, new long[] {COLS, 1}, new long[] {0, 1});
          return () -> backend.binary(Binary.ADD, x, row, x, rows);
        });
    add(
        "dropout",
        ACTIVATIONS,
        "FP16",
        4,
        () -> {
          Operand x = operands.random(DType.FP16, ACTIVATIONS);
          Operand y = operands.filled(DType.FP16, ACTIVATIONS, 0);
          return () -> backend.dropout(x, y, 0.1f, 7, null);
        });
    add(
        "transpose",
        WEIGHTS,
        "FP16",
        4,
        () -> {
          Operand x = operands.random(DType.FP16, WEIGHTS);
          Operand y = operands.filled(DType.FP16, WEIGHTS, 0);
          return () -> backend.transpose(x, y, 1, COLS, COLS);
        });
  }

  private void reductions() {
    add(
        "sum of columns",
        ACTIVATIONS,
        "FP16",
        2,
        () -> {
          Operand x = operands.random(DType.FP16, ACTIVATIONS);
          Operand y = operands.filled(DType.FP16, COLS, 0);
          Reduction columns = new Reduction(1, ROWS, COLS, 1);
          return () -> backend.sum(x, y, columns);
        });
    softmax("softmax", 12288, 256);
    softmax("softmax of long rows", 64, 50_257);
  }

  private void softmax(String name, int rows, int cols) {
    int size = rows * cols;
    add(
        name,
        size,
        "FP16",
        4,
        () -> {
          Operand x = operands.random(DType.FP16, size);
          Operand y = operands.filled(DType.FP16, size, 0);
          return () -> backend.softmax(x, y, rows, cols, false);
        });
  }

  /** Elements that move, and lines across the rows. */
  private void arrangements() {
    Strided parts =
        new Strided(new int[] {ROWS, COLS / 2}, 0, new long[] {COLS, 1}, 8, new long[] {COLS, 1});
    Strided heads = // (batch, time, heads, features) to (batch, heads, time, features)
        new Strided(
            new int[] {4, 64, 16, 64},
            0,
            new long[] {65536, 1024, 64, 1},
            0,
            new long[] {65536, 64, 4096, 1});
    Strided turned =
        new Strided(
            new int[] {16, 128, 128}, 0, new long[] {16384, 128, 1}, 0, new long[] {1, 16, 2048});
    copy("slice, concat", ACTIVATIONS / 2, parts);
    copy("permute of heads", ACTIVATIONS, heads);
    copy("permute, last first", ACTIVATIONS, turned);
    Reduction columns = new Reduction(1, ROWS, COLS, 1);
    Reduction rows = new Reduction(ROWS, COLS, 1, 1);
    for (Reduction lines : new Reduction[] {columns, rows}) {
      String along = lines.equals(columns) ? " of columns" : " of rows";
      int results = lines.outer() * lines.inner();
      axis("max" + along, results, 2, (x, y) -> backend.arrays().maximum(x, y, lines));
      axis(
          "cumulative sum" + along,
          ACTIVATIONS,
          4,
          (x, y) -> backend.arrays().cumulativeSum(x, y, lines, false));
      axis(
          "variance" + along,
          results,
          2,
          (x, y) -> backend.arrays().squaredDeviations(x, y, y, lines));
    }
  }

  private void copy(String name, int elements, Strided plan) {
    add(
        name,
        elements,
        "FP16",
        4,
        () -> {
          Operand x = operands.random(DType.FP16, ACTIVATIONS);
          Operand y = operands.filled(DType.FP16, ACTIVATIONS, 0);
          return () -> backend.arrays().copy(x, y, plan);
        });
  }

  private void axis(
      String name, int results, int elementBytes, BiConsumer<Operand, Operand> kernel) {
    add(
        name,
        ACTIVATIONS,
        "FP16",
        elementBytes,
        () -> {
          Operand x = operands.random(DType.FP16, ACTIVATIONS);
          Operand y = operands.filled(DType.FP16, results, 0);
          return () -> kernel.accept(x, y);
        });
  }

  private void losses() {
    add(
        "cross entropy",
        ROWS * 10,
        "FP16",
        2,
        () -> {
          Operand logits = operands.random(DType.FP16, ROWS * 10);
          Operand labels = operands.filled(DType.INT32, ROWS, 3);
          Operand loss = operands.filled(DType.FP32, 1, 0);
          return () -> backend.crossEntropy(logits, labels, loss, ROWS, 10);
        });
  }

  private void updates() {
    add(
        "check finite",
        WEIGHTS,
        "FP16",
        2,
        () -> {
          Operand gradient = operands.random(DType.FP16, WEIGHTS);
          StepControl control = control();
          return () -> backend.checkFinite(gradient, control, 0);
        });
    sgd(WEIGHTS);
    sgd(MANY_WEIGHTS);
    add(
        "adamw",
        MANY_WEIGHTS,
        "FP16 FP32",
        28,
        () -> {
          AdamWStep step =
              new AdamWStep(
                  control(),
                  operands.random(DType.FP16, MANY_WEIGHTS),
                  operands.random(DType.FP32, MANY_WEIGHTS),
                  operands.filled(DType.FP32, MANY_WEIGHTS, 0.25f),
                  operands.random(DType.FP32, MANY_WEIGHTS),
                  operands.random(DType.FP16, MANY_WEIGHTS),
                  0.9f,
                  0.999f,
                  1e-8f,
                  0.01f);
          return () -> backend.adamW(step);
        });
  }

  private void sgd(int size) {
    add(
        "sgd, momentum",
        size,
        "FP16 FP32",
        20,
        () -> {
          SgdStep step =
              new SgdStep(
                  control(),
                  operands.random(DType.FP16, size),
                  operands.random(DType.FP32, size),
                  operands.random(DType.FP32, size),
                  operands.random(DType.FP16, size),
                  0.9f,
                  false,
                  0);
          return () -> backend.sgd(step);
        });
  }

  private StepControl control() {
    return new StepControl(
        operands.filled(DType.INT32, 1, 0),
        operands.filled(DType.FP32, 1, 0),
        operands.filled(DType.INT32, 1, 0),
        operands.filled(DType.FP32, 1, 1e-6f),
        operands.filled(DType.INT32, 1, 1),
        operands.filled(DType.FP32, 1, 1e-6f),
        operands.filled(DType.FP32, 1, 1e-6f),
        operands.filled(DType.FP32, 1, 1024),
        operands.filled(DType.INT32, 2, 0));
  }

  /** A kernel that reads and writes so many bytes for each element. */
  private void add(
      String kernel, int size, String types, int elementBytes, Supplier<Runnable> prepare) {
    long bytes = (long) elementBytes * size;
    cases.add(new KernelCase(kernel, Integer.toString(size), types, 0, bytes, prepare));
  }
}
