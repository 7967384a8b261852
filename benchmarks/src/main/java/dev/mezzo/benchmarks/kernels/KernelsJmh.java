package dev.mezzo.benchmarks.kernels;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.vector.VectorBackend;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The vector backend's kernels under JMH: the cases of {@link KernelBenchmark}, in JVMs of their
 * own. Any other case may be named with JMH's {@code -p kernel=...}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 2) // the Vector API is interpreted until it is compiled
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class KernelsJmh {

  /** A case, by name, shape and types as {@code bench kernels} prints them. */
  @Param({
    "gemm NT 256x1024x1024 FP16",
    "gemm TN 1024x1024x256 FP16",
    "gemm NN 256x1024x1024 FP16",
    "gemm NN 2048x2048x2048 FP16",
    "gemm NT 1x1024x1024 FP16",
    "cast 65536 FP32 FP16",
    "cast 65536 FP16 FP32",
    "relu 262144 FP16",
    "gelu 262144 FP16",
    "transpose 1048576 FP16",
    "softmax 3145728 FP16",
    "sgd, momentum 1048576 FP16 FP32",
    "adamw 10485760 FP16 FP32"
  })
  public String kernel = "";

  /** The threads that a kernel runs on. */
  @Param("1")
  public int threads;

  private @Nullable Backend backend;
  private Runnable call = () -> {};

  /** For JMH. */
  public KernelsJmh() {}

  /** Makes the backend and the kernel's operands. */
  @Setup
  public void prepare() {
    Backend vector = new VectorBackend(threads);
    backend = vector;
    List<KernelCase> named =
        KernelBenchmark.cases(vector).stream().filter(one -> one.isNamed(kernel)).toList();
    if (named.size() != 1) {
      throw new IllegalArgumentException(
          "no kernel is named '" + kernel + "'; bench kernels prints name, shape and types");
    }
    call = named.getFirst().prepare().get();
  }

  /** Ends the backend's threads. */
  @TearDown
  public void close() {
    if (backend != null) {
      backend.close();
    }
  }

  /** One call. */
  @Benchmark
  public void kernel() {
    call.run();
  }
}
