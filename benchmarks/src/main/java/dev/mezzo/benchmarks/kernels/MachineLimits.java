package dev.mezzo.benchmarks.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * What a number of cores can do at most, measured.
 *
 * @param fmaGflops FP32 multiply-adds in registers, 2 operations each
 * @param nearCopy copy, read and written bytes together, of 256 KiB a thread: the second-level
 *     cache
 * @param farCopy of 6 MiB: the third-level cache, where there is one so large
 * @param memoryCopy of 512 MiB in all
 */
public record MachineLimits(
    int threads, double fmaGflops, double nearCopy, double farCopy, double memoryCopy) {

  private static final int RUNS = 25;
  private static final long NEAR = 256L << 10;
  private static final long FAR = 6L << 20;
  private static final long MEMORY = 512L << 20;

  /** Measures, the best of some runs, for about a second. */
  static MachineLimits measure(int threads) {
    return new MachineLimits(
        threads,
        best(threads, RUNS, () -> new FmaProbe()::run),
        best(threads, RUNS, () -> new CopyProbe(NEAR)::run),
        best(threads, RUNS, () -> new CopyProbe(FAR / threads)::run),
        best(threads, 4, () -> new CopyProbe(MEMORY / threads)::run));
  }

  /** The copy that touches as much memory as a kernel does. */
  double copy(long bytes) {
    if (bytes <= NEAR * threads) {
      return nearCopy;
    }
    return bytes <= 2 * FAR ? farCopy : memoryCopy;
  }

  /** The sum of the threads' best rates, all of them running at the same time. */
  private static double best(int threads, int runs, Supplier<DoubleSupplier> probe) {
    CyclicBarrier start = new CyclicBarrier(threads);
    List<Future<Double>> rates = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      for (int i = 0; i < threads; i++) {
        rates.add(
            pool.submit(
                () -> {
                  DoubleSupplier run = probe.get();
                  double best = 0;
                  for (int round = 0; round < runs; round++) {
                    start.await();
                    best = Math.max(best, run.getAsDouble());
                  }
                  return best;
                }));
      }
      double sum = 0;
      for (Future<Double> rate : rates) {
        sum += rate.get();
      }
      return sum;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while probing the machine", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the probe of the machine failed", e);
    }
  }
}
