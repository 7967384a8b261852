package dev.mezzo.examples.training;

import dev.mezzo.MemoryUse;
import dev.mezzo.StepStatistics;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a run came to.
 *
 * @param losses of each step, in order
 * @param scales the loss scale that each step was made with
 * @param epochAccuracies share of the test images classified rightly, after each epoch
 * @param predictions the class of each test image by the trained network, in the form's precision
 * @param seconds of each step that no statistics were taken of: forward, backward, update, and
 *     reading the loss
 * @param memory bytes of elements; gradients and saved activations as of the last step
 * @param skipped steps that were not applied
 * @param statistics of the sampled steps
 * @param layers of the same steps, layer by layer; null where none was sampled
 * @param stopped why the training ended before its time; null where it did not
 */
public record RunResult(
    TrainingForm form,
    List<Float> losses,
    List<Float> scales,
    List<Double> epochAccuracies,
    List<Integer> predictions,
    List<Double> seconds,
    MemoryUse memory,
    long skipped,
    GradientStatistics statistics,
    @Nullable StepStatistics layers,
    @Nullable String stopped) {

  private static final int LAST = 10;

  /** Copies the lists. */
  public RunResult {
    losses = List.copyOf(losses);
    scales = List.copyOf(scales);
    epochAccuracies = List.copyOf(epochAccuracies);
    predictions = List.copyOf(predictions);
    seconds = List.copyOf(seconds);
  }

  /** Mean of the last ten steps' losses; NaN where there was no step. */
  public double finalLoss() {
    return losses.subList(Math.max(0, losses.size() - LAST), losses.size()).stream()
        .mapToDouble(Float::doubleValue)
        .average()
        .orElse(Double.NaN);
  }

  /** Share of the test images classified rightly by the trained network. */
  public double accuracy() {
    return epochAccuracies.isEmpty() ? Double.NaN : epochAccuracies.getLast();
  }

  /** Median of {@link #seconds}; NaN where there is none. */
  public double medianSeconds() {
    if (seconds.isEmpty()) {
      return Double.NaN;
    }
    double[] sorted = seconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** The loss scale of the last step. */
  public double finalScale() {
    return scales.isEmpty() ? form.lossScale().scale() : scales.getLast();
  }
}
