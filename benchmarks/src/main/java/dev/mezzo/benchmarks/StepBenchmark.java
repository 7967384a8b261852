package dev.mezzo.benchmarks;

import dev.mezzo.Device;
import dev.mezzo.HalfFormat;
import dev.mezzo.Memory;
import dev.mezzo.MemoryUse;
import dev.mezzo.PeakMemory;
import dev.mezzo.Training;
import dev.mezzo.benchmarks.workloads.Workload;
import dev.mezzo.examples.training.TrainingForm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Times steps of a workload as the peers' scripts do: the median of the steps after the warm-up,
 * each from the batch being there to its loss being read; preparing batches is not timed.
 */
public final class StepBenchmark {

  private static final int LAST = 10;

  private final Workload workload;
  private final TrainingForm form;
  private final Limits limits;
  private final List<Double> losses = new ArrayList<>();

  /**
   * How long.
   *
   * @param warmUpSteps not timed
   * @param steps timed at least, unless {@code maxSeconds} pass
   * @param seconds of timing at least
   * @param maxSeconds of timing at most
   * @param trainSteps steps in all before the test; 0 for no test
   */
  public record Limits(
      int warmUpSteps, int steps, double seconds, double maxSeconds, int trainSteps) {}

  /** A benchmark on the default device; {@link #measure} runs it. */
  public StepBenchmark(Workload workload, TrainingForm form, Limits limits) {
    this.workload = workload;
    this.form = form;
    this.limits = limits;
  }

  /**
   * Measures; the keys are those of the peers' scripts.
   *
   * @param warm runs once, between the warm-up and the timing
   */
  public Map<String, Object> measure(Runnable warm) {
    Memory held = Device.current().memory();
    PeakMemory computed = PeakMemory.of(() -> workload.open(form), session -> session.next().run());
    try (Workload.Session session = workload.open(form)) {
      OptionalLong before = ResidentMemory.now();
      double first = step(session);
      held.resetPeaks();
      for (int i = 1; i < limits.warmUpSteps(); i++) {
        step(session);
      }
      warm.run();
      List<Double> times = timed(session);
      OptionalLong peak = ResidentMemory.peak();
      while (losses.size() < limits.trainSteps()) {
        step(session);
      }
      Map<String, Object> result = result(session, first, times, before, peak);
      result.put("peak_tensor_bytes", held.peakBytes());
      result.put("computed_peak_tensor_bytes", computed.peak());
      return result;
    }
  }

  private List<Double> timed(Workload.Session session) {
    List<Double> times = new ArrayList<>();
    long begin = System.nanoTime();
    double spent = 0;
    while (spent < limits.maxSeconds()
        && (times.size() < limits.steps() || spent < limits.seconds())) {
      times.add(step(session));
      spent = (System.nanoTime() - begin) / 1e9;
    }
    return times;
  }

  private double step(Workload.Session session) {
    Workload.Step step = session.next();
    long start = System.nanoTime();
    float loss = step.run().loss();
    double seconds = (System.nanoTime() - start) / 1e9;
    losses.add((double) loss);
    return seconds;
  }

  private Map<String, Object> result(
      Workload.Session session,
      double first,
      List<Double> times,
      OptionalLong before,
      OptionalLong peak) {
    double median = median(times);
    Training training = session.training();
    MemoryUse memory = training.memoryUse();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("peer", "mezzo");
    result.put("workload", "");
    result.put("precision", form.half() == HalfFormat.NONE ? "fp32" : lower());
    result.put("mode", "generated");
    result.put("threads", 0);
    result.put("optimizer", workload.optimizer());
    result.put("master_weights", form.masterWeights());
    result.put("batch", workload.batch());
    result.put("warm_up_steps", limits.warmUpSteps());
    result.put("timed_steps", times.size());
    result.put("first_step_s", rounded(first, 1e3));
    result.put("step_s", rounded(median, 1e6));
    result.put(
        "step_s_min",
        rounded(times.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN), 1e6));
    result.put("samples_per_s", rounded(workload.batch() / median, 1e2));
    result.put("gflop_per_step", rounded(workload.flop() / 1e9, 1e2));
    result.put("gflop_per_s", rounded(workload.flop() / median / 1e9, 1e2));
    if (before.isPresent() && peak.isPresent()) {
      result.put("peak_rss_increase", peak.getAsLong() - before.getAsLong());
      result.put("peak_rss", peak.getAsLong());
    }
    result.put("param_bytes", memory.weights());
    result.put("opt_state_bytes", memory.optimizerState());
    result.put("steps", losses.size());
    result.put("skipped_steps", training.skippedSteps());
    result.put("final_loss", rounded(finalLoss(), 1e4));
    result.put("final_scale", training.scaling().scale());
    if (limits.trainSteps() > 0) {
      session
          .accuracy(form.half())
          .ifPresent(accuracy -> result.put("test_accuracy", rounded(accuracy, 1e4)));
    }
    result.put("saved_activation_bytes", memory.savedActivations());
    result.put("saved_weight_copy_bytes", memory.shadows());
    result.put("grad_bytes", memory.gradients());
    return result;
  }

  private String lower() {
    return form.half().name().toLowerCase(Locale.ROOT);
  }

  private double finalLoss() {
    return losses.subList(Math.max(0, losses.size() - LAST), losses.size()).stream()
        .mapToDouble(Double::doubleValue)
        .average()
        .orElse(Double.NaN);
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length == 0
        ? Double.NaN
        : sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  private static double rounded(double value, double unit) {
    return Double.isFinite(value) ? Math.rint(value * unit) / unit : value;
  }
}
