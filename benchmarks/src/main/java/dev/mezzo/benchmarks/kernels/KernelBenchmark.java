package dev.mezzo.benchmarks.kernels;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.vector.VectorBackend;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Times the vector backend's kernels. A kernel runs until it is compiled, then for some tenths of a
 * second; its time is the median of the calls, or of groups of them where a call is too short for
 * the clock. With one thread it is the thread's processor time, with more the clock's.
 */
public final class KernelBenchmark {

  /** Shortest interval that is timed, in nanoseconds. */
  private static final long SHORTEST = 20_000;

  private static final int LEAST_CALLS = 5;

  /** So long the compiler must have been idle, and so long it is waited for, in nanoseconds. */
  private static final long QUIET = 50_000_000;

  private static final long LONGEST_WARM_UP = 3_000_000_000L;

  private static final CompilationMXBean COMPILER = ManagementFactory.getCompilationMXBean();

  private final Options options;

  /**
   * What to measure.
   *
   * @param threads the numbers of threads to measure with, one after the other
   * @param only kernels whose name, shape or types contain this; empty for all
   * @param seconds to time each of them, after as long a warm-up
   */
  public record Options(List<Integer> threads, String only, double seconds) {}

  /** Everything that was measured. */
  public record Report(List<MachineLimits> limits, List<KernelResult> kernels) {}

  /** A benchmark; {@link #measure} runs it. */
  public KernelBenchmark(Options options) {
    this.options = options;
  }

  /** Measures; tells of the limits and of each kernel as soon as they are known. */
  public Report measure(Consumer<MachineLimits> onLimits, Consumer<KernelResult> onKernel) {
    List<MachineLimits> limits = new ArrayList<>();
    List<KernelResult> results = new ArrayList<>();
    for (int threads : options.threads()) {
      MachineLimits most = MachineLimits.measure(threads);
      limits.add(most);
      onLimits.accept(most);
      try (Backend backend = new VectorBackend(threads)) {
        for (KernelCase kernel : cases(backend)) {
          if (kernel.matches(options.only())) {
            KernelResult result = measure(kernel, most);
            results.add(result);
            onKernel.accept(result);
          }
        }
      }
    }
    return new Report(limits, results);
  }

  static List<KernelCase> cases(Backend backend) {
    List<KernelCase> cases = new ArrayList<>(GemmCases.all(backend));
    cases.addAll(ModelCases.all(backend));
    cases.addAll(OtherCases.all(backend));
    cases.addAll(ExpressionCases.all(backend));
    return cases;
  }

  private KernelResult measure(KernelCase kernel, MachineLimits limits) {
    double seconds = seconds(kernel.prepare().get(), limits.threads());
    boolean arithmetic = kernel.boundByArithmetic();
    double work = arithmetic ? kernel.flop() : kernel.bytes();
    return new KernelResult(
        kernel.kernel(),
        kernel.shape(),
        kernel.types(),
        limits.threads(),
        seconds * 1e6,
        work / seconds / 1e9,
        arithmetic ? "GFLOP/s" : "GB/s",
        arithmetic ? limits.fmaGflops() : limits.copy(kernel.bytes()));
  }

  /** The median time of a call. */
  private double seconds(Runnable call, int threads) {
    LongSupplier clock = clock(threads);
    long budget = (long) (options.seconds() * 1e9);
    long each = warmUp(call, clock, budget);
    int group = (int) Math.max(1, SHORTEST / each);
    int groups = (int) Math.max(LEAST_CALLS, Math.min(100_000, budget / (each * group)));
    double[] times = new double[groups];
    for (int i = 0; i < groups; i++) {
      long begin = clock.getAsLong();
      for (int j = 0; j < group; j++) {
        call.run();
      }
      times[i] = (clock.getAsLong() - begin) / 1e9 / group;
    }
    Arrays.sort(times);
    return times[groups / 2];
  }

  /**
   * Calls for five times the budget, and until the compiler has been idle for a while; returns the
   * last calls' time. The compiler's time grows only when a method is done, which may take it
   * longer than that while: a product that was not yet compiled read 200 times its time.
   */
  private static long warmUp(Runnable call, LongSupplier clock, long budget) {
    long start = System.nanoTime();
    long compiling = -1;
    long each = 1;
    while (System.nanoTime() - start < Math.min(5 * budget, LONGEST_WARM_UP)
        || (compiling != COMPILER.getTotalCompilationTime()
            && System.nanoTime() - start < LONGEST_WARM_UP)) {
      compiling = COMPILER.getTotalCompilationTime();
      long begin = clock.getAsLong();
      long until = System.nanoTime() + Math.min(budget, QUIET);
      long calls = 0;
      while (calls < 2 || System.nanoTime() < until) {
        call.run();
        calls++;
      }
      each = Math.max(1, (clock.getAsLong() - begin) / calls);
    }
    return each;
  }

  /** With one thread, the caller's processor time: what other programs take is not counted. */
  private static LongSupplier clock(int threads) {
    ThreadMXBean times = ManagementFactory.getThreadMXBean();
    boolean ofThread = threads == 1 && times.isCurrentThreadCpuTimeSupported();
    return ofThread ? times::getCurrentThreadCpuTime : System::nanoTime;
  }
}
