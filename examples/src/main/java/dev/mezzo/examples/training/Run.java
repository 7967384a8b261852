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
  private final Checkpoints checkpoints;
  private final List<Float> losses = new ArrayList<>();
  private final List<Float> scales = new ArrayList<>();
  private final List<Double> accuracies = new ArrayList<>();
  private final List<Double> seconds = new ArrayList<>();
  private GradientStatistics statistics = GradientStatistics.none();
  private @Nullable StepStatistics layers;
  private int before;
  private long skippedBefore;

  /** A run of the settings; {@link #run} makes it. */
  public Run(RunSettings settings, LabeledImages train, LabeledImages test, RunListener listener) {
    this(settings, train, test, listener, Checkpoints.none());
  }

  /** A run that goes on from a file, or is saved to one after every epoch and in the end. */
  public Run(
      RunSettings settings,
      LabeledImages train,
      LabeledImages test,
      RunListener listener,
      Checkpoints checkpoints) {
    this.checkpoints = checkpoints;
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
    try (TrainedClassifier model = settings.network().open(settings.seed(), settings.recipe())) {
      before = checkpoints.resume(model.training(), steps);
      listener.begins(settings.form(), before, steps);
      skippedBefore = model.training().skippedSteps();
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
    int ofEpoch = stepsOfEpoch(train, settings.batch());
    for (int epoch = before / ofEpoch + 1; made() < steps; epoch++) {
      int number = (epoch - 1) * ofEpoch;
      for (Batch batch : train.shuffled(settings.seed() + epoch).fullBatches(settings.batch())) {
        if (made() == steps) {
          break;
        }
        if (number++ >= before) {
          step(model, batch);
        }
      }
      double accuracy = Evaluation.of(model, settings.form().half(), test).accuracy();
      accuracies.add(accuracy);
      listener.epoch(epoch, accuracy);
      checkpoints.save(model.training(), listener);
    }
  }

  /** Steps so far, those before this run included. */
  private int made() {
    return before + losses.size();
  }

  private void step(TrainedClassifier model, Batch batch) {
    int every = settings.sampleEvery();
    StepSampler sampler =
        every > 0 && (made() + 1) % every == 0 ? new StepSampler(model.training()) : null;
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
    listener.step(made(), result, model.training().skippedSteps());
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
        model.training().skippedSteps() - skippedBefore,
        statistics,
        layers,
        stopped);
  }
}
