package dev.mezzo.benchmarks;

import dev.mezzo.HalfFormat;
import dev.mezzo.MemoryUse;
import dev.mezzo.examples.Classifier;
import dev.mezzo.examples.MixedClassifier;
import dev.mezzo.examples.Mlp;
import dev.mezzo.examples.data.Batch;
import dev.mezzo.examples.data.LabeledImages;
import dev.mezzo.examples.training.Evaluation;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.optim.Sgd;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;

/**
 * Times steps of workload W1 as the peers' scripts do: the median of the steps after the warm-up,
 * each from the batch being there to its loss being read; preparing batches is not timed.
 */
public final class StepBenchmark {

  private static final int BATCH = 256;
  private static final long FIRST_LAYER = 784 * 1024;
  private static final long MULTIPLY_ADDS = FIRST_LAYER + 1024 * 1024 + 1024 * 10;

  /** Forward, weight gradient and input gradient, which the first layer does not have. */
  private static final long FLOP = 2 * BATCH * (3 * MULTIPLY_ADDS - FIRST_LAYER);

  private static final int LAST = 10;

  private final TrainingForm form;
  private final Limits limits;
  private final LabeledImages train;
  private final LabeledImages test;
  private final List<Double> losses = new ArrayList<>();
  private long epoch;
  private Iterator<Batch> batches;

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
  public StepBenchmark(TrainingForm form, Limits limits, LabeledImages train, LabeledImages test) {
    this.form = form;
    this.limits = limits;
    this.train = train;
    this.test = test;
    this.batches = nextEpoch();
  }

  /** Measures; the keys are those of the peers' scripts. */
  public Map<String, Object> measure() {
    Classifier model = new Classifier(Mlp.create(new Random(1)));
    try (MixedClassifier training =
        MixedClassifier.training(model)
            .optimizer(Sgd.of(0.05f).withMomentum(0.9f))
            .half(form.half())
            .masterWeights(form.masterWeights())
            .lossScale(form.lossScale())
            .build()) {
      OptionalLong before = ResidentMemory.now();
      double first = step(training);
      for (int i = 1; i < limits.warmUpSteps(); i++) {
        step(training);
      }
      List<Double> times = timed(training);
      OptionalLong peak = ResidentMemory.peak();
      while (losses.size() < limits.trainSteps()) {
        step(training);
      }
      return result(training, first, times, before, peak);
    }
  }

  private List<Double> timed(MixedClassifier training) {
    List<Double> times = new ArrayList<>();
    long begin = System.nanoTime();
    double spent = 0;
    while (spent < limits.maxSeconds()
        && (times.size() < limits.steps() || spent < limits.seconds())) {
      times.add(step(training));
      spent = (System.nanoTime() - begin) / 1e9;
    }
    return times;
  }

  private double step(MixedClassifier training) {
    if (!batches.hasNext()) {
      batches = nextEpoch();
    }
    Batch batch = batches.next();
    long start = System.nanoTime();
    float loss = training.step(batch.images(), batch.labels()).loss();
    double seconds = (System.nanoTime() - start) / 1e9;
    losses.add((double) loss);
    return seconds;
  }

  private Iterator<Batch> nextEpoch() {
    epoch++;
    return train.shuffled(epoch).fullBatches(BATCH).iterator();
  }

  private Map<String, Object> result(
      MixedClassifier training,
      double first,
      List<Double> times,
      OptionalLong before,
      OptionalLong peak) {
    double median = median(times);
    MemoryUse memory = training.memoryUse();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("peer", "mezzo");
    result.put("workload", "");
    result.put("precision", form.half() == HalfFormat.NONE ? "fp32" : lower());
    result.put("mode", "generated");
    result.put("threads", 0);
    result.put("optimizer", "sgd");
    result.put("master_weights", form.masterWeights());
    result.put("batch", BATCH);
    result.put("warm_up_steps", limits.warmUpSteps());
    result.put("timed_steps", times.size());
    result.put("first_step_s", rounded(first, 1e3));
    result.put("step_s", rounded(median, 1e6));
    result.put(
        "step_s_min",
        rounded(times.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN), 1e6));
    result.put("samples_per_s", rounded(BATCH / median, 1e2));
    result.put("gflop_per_step", rounded(FLOP / 1e9, 1e2));
    result.put("gflop_per_s", rounded(FLOP / median / 1e9, 1e2));
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
      result.put(
          "test_accuracy", rounded(Evaluation.of(training, form.half(), test).accuracy(), 1e4));
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
