package dev.mezzo.benchmarks.kernels;

import dev.mezzo.backend.AdamWStep;
import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.RowNorm;
import dev.mezzo.backend.StepControl;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Products and memory-bound kernels of sizes that fill a GPU. A call is asynchronous: what is timed
 * is a number of calls, and the wait for the last of them.
 */
public final class GpuBenchmark {

  private static final int CALLS = 20;
  private static final int REPEATS = 5;
  private static final long ELEMENTS = 1L << 28;
  private static final int COLS = 4096;

  private final Backend backend;
  private final int scale;

  /**
   * @param scale sizes are divided by it
   */
  public GpuBenchmark(Backend backend, int scale) {
    this.backend = backend;
    this.scale = scale;
  }

  /**
   * What was measured.
   *
   * @param name as torch_gpu.py calls it
   * @param microseconds of a call, the median
   * @param rate in {@code unit}
   * @param unit TFLOP/s, or GB/s read and written
   */
  public record Result(String name, double microseconds, double rate, String unit) {}

  /** Measures all. */
  public List<Result> measure() {
    List<Result> results = new ArrayList<>();
    for (DType type : List.of(DType.FP16, DType.BF16)) {
      for (int size : List.of(1024, 4096, 8192)) {
        results.add(product(size / scale, type));
      }
    }
    memoryBound(results);
    return results;
  }

  private Result product(int size, DType type) {
    Operand a = random(type, (long) size * size);
    Operand b = random(type, (long) size * size);
    Operand c = random(type, (long) size * size);
    GemmShape shape = new GemmShape(size, size, size);
    Runnable call =
        () ->
            backend.gemm(
                shape,
                new Matrix(a, false, size),
                new Matrix(b, true, size),
                new Matrix(c, false, size),
                Epilogue.NONE);
    String name =
        "gemm %s %d".formatted(type.name().toLowerCase(java.util.Locale.ROOT), size * scale);
    return timed(name, 2.0 * size * size * size, call, "TFLOP/s", 1e12);
  }

  private void memoryBound(List<Result> results) {
    long n = ELEMENTS / scale / scale;
    int rows = Math.toIntExact(n / COLS);
    Operand x = random(DType.FP16, n);
    Operand y = random(DType.FP16, n);
    Operand weight = random(DType.FP32, COLS);
    Operand loss = random(DType.FP32, 1);
    Operand labels = ints(rows);
    results.add(timed("copy fp16", 4.0 * n, () -> backend.cast(x, y), "GB/s", 1e9));
    Operand wide = random(DType.FP32, n);
    results.add(timed("cast fp32 fp16", 6.0 * n, () -> backend.cast(wide, y), "GB/s", 1e9));
    RowNorm norm = new RowNorm(rows, COLS, 1e-5f, true);
    Runnable layerNorm = () -> backend.rowNorms().forward(norm, x, weight, weight, y);
    results.add(timed("layer norm fp16", 4.0 * n, layerNorm, "GB/s", 1e9));
    Runnable crossEntropy = () -> backend.crossEntropy(x, labels, loss, rows, COLS);
    results.add(timed("cross entropy fp16", 2.0 * n, crossEntropy, "GB/s", 1e9));
    AdamWStep step =
        new AdamWStep(
            control(),
            x,
            wide,
            random(DType.FP32, n),
            random(DType.FP32, n),
            y,
            0.9f,
            0.999f,
            1e-8f,
            0.01f);
    // gradient, then mean, variance and weight read and written, shadow
    results.add(
        timed("adamw fp16", (2 + 3 * 8 + 2) * (double) n, () -> backend.adamW(step), "GB/s", 1e9));
  }

  private Result timed(String name, double work, Runnable call, String unit, double per) {
    double[] times = new double[REPEATS];
    for (int i = -1; i < REPEATS; i++) {
      long begin = System.nanoTime();
      for (int j = 0; j < CALLS; j++) {
        call.run();
      }
      backend.synchronize();
      if (i >= 0) {
        times[i] = (System.nanoTime() - begin) / 1e9 / CALLS;
      }
    }
    Arrays.sort(times);
    double seconds = times[REPEATS / 2];
    return new Result(name, seconds * 1e6, work / seconds / per, unit);
  }

  private StepControl control() {
    Operand zeros = filled(DType.FP32, 4, 0);
    Operand ones = filled(DType.FP32, 4, 1);
    Operand ints = new Operand(zeros.data(), DType.INT32, 4);
    return new StepControl(
        ints.slice(0, 1),
        zeros.slice(1, 1),
        ints.slice(0, 1),
        ones.slice(0, 1),
        ints.slice(2, 1),
        ones.slice(1, 1),
        filled(DType.FP32, 1, 1e-4f),
        ones.slice(2, 1),
        ints.slice(2, 2));
  }

  private Operand random(DType type, long size) {
    Operand operand = allocated(type, size);
    Operand ones = filled(type, size, 0.5f);
    backend.dropout(ones, operand, 0.5f, 7, null); // zeros and ones: products do not overflow
    return operand;
  }

  private Operand filled(DType type, long size, float value) {
    Operand operand = allocated(type, size);
    backend.fill(operand, value);
    return operand;
  }

  private Operand ints(int size) {
    Operand operand = allocated(DType.INT32, size);
    backend.upload(MemorySegment.ofArray(new int[size]), operand.data());
    return operand;
  }

  private Operand allocated(DType type, long size) {
    return new Operand(
        backend.allocate(size * type.bytes()).asSlice(0, size * type.bytes()), type, size);
  }
}
