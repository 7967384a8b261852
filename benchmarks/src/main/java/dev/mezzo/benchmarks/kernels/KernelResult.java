package dev.mezzo.benchmarks.kernels;

/**
 * How fast a kernel ran.
 *
 * @param microseconds a call's, the median
 * @param rate in {@code unit}
 * @param unit GFLOP/s or GB/s
 * @param limit what the machine can do at most, in the same unit
 */
public record KernelResult(
    String kernel,
    String shape,
    String types,
    int threads,
    double microseconds,
    double rate,
    String unit,
    double limit) {

  /** Rate by limit. */
  public double share() {
    return rate / limit;
  }
}
