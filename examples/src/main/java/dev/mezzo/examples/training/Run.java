package dev.mezzo.examples.training;

import dev.mezzo.MemoryUse;
import dev.mezzo.StepResult;
import dev.mezzo.StepStatistics;
import dev.mezzo.TrainingStoppedException;
import dev.mezzo.examples.data.Batch;
import dev.mezzo.examples.data.LabeledImages;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One training of the classifier, on the default device. */
public final class Run {

  private final RunSettings settings;
  private final LabeledImages train;
  private final LabeledImages test;
  private final RunListener listener;
  private final List<Float> losses = new ArrayList<>();
  private final List<Float> scales = new ArrayList<>();
  private final List<Double> accuracies = new ArrayList<>();
  private final List<Double> seconds = new ArrayList<>();
  private GradientStatistics statistics = GradientStatistics.none();
  private @Nullable StepStatistics layers;

  /** A run of the settings; {@link #run} makes it. */
  public Run(RunSettings settings, LabeledImages train, LabeledImages test, RunListener listener) {
    this.settings = settings;
    this.train = train;
    this.test = test;
    this.listener = listener;
  }

  /** Steps of an epoch. */
  public static int stepsOfEpoch(LabeledImages train, int batch) {
    return train.count() / batch;
  }

  /**
   * Trains. A training that stops because too many steps were skipped is a result too: {@link
   * RunResult#stopped} says why.
   */
  public RunResult run() {
    int steps =
        Math.min(settings.epochs() * stepsOfEpoch(train, settings.batch()), settings.maxSteps());
    listener.begins(settings.form(), steps);
    try (TrainedClassifier model = settings.network().open(settings.seed(), settings.recipe())) {
      String stopped = null;
      try {
        trainEpochs(model, steps);
      } catch (TrainingStoppedException e) {
        losses.add(e.last().loss());
        scales.add(e.last().scale());
        stopped = e.getMessage();
      }
      RunResult result = result(model, stopped);
      listener.ends(result);
      return result;
    }
  }

  private void trainEpochs(TrainedClassifier model, int steps) {
    for (int epoch = 1; losses.size() < steps; epoch++) {
      for (Batch batch : train.shuffled(settings.seed() + epoch).fullBatches(settings.batch())) {
        if (losses.size() == steps) {
          break;
        }
        step(model, batch);
      }
      double accuracy = Evaluation.of(model, settings.form().half(), test).accuracy();
      accuracies.add(accuracy);
      listener.epoch(epoch, accuracy);
    }
  }

  private void step(TrainedClassifier model, Batch batch) {
    int every = settings.sampleEvery();
    StepSampler sampler =
        every > 0 && (losses.size() + 1) % every == 0 ? new StepSampler(model.training()) : null;
    if (sampler != null) {
      sampler.before();
    }
    long start = System.nanoTime();
    StepResult result = model.step(batch.images(), batch.labels());
    long nanos = System.nanoTime() - start;
    losses.add(result.loss());
    scales.add(result.scale());
    if (sampler == null) {
      seconds.add(nanos / 1e9);
    } else {
      statistics = statistics.plus(sampler.after(result));
      StepStatistics found = model.training().statistics().orElseThrow();
      layers = layers == null ? found : layers.plus(found);
    }
    listener.step(losses.size(), result, model.training().skippedSteps());
  }

  private RunResult result(TrainedClassifier model, @Nullable String stopped) {
    MemoryUse memory = model.training().memoryUse();
    Evaluation evaluation = Evaluation.of(model, settings.form().half(), test);
    if (accuracies.isEmpty() || stopped != null) {
      accuracies.add(evaluation.accuracy());
    }
    return new RunResult(
        settings.form(),
        losses,
        scales,
        accuracies,
        evaluation.predictions(),
        seconds,
        memory,
        model.training().skippedSteps(),
        statistics,
        layers,
        stopped);
  }
}
