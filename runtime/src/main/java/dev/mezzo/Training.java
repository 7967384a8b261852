package dev.mezzo;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.StepControl;
import dev.mezzo.io.CheckpointException;
import dev.mezzo.io.SafetensorsFile;
import dev.mezzo.optim.Optimizer;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The mixed precision training of a model: what generated training classes extend. A step is
 * forward, backward of the scaled loss, and an update in two passes: one looks at every gradient,
 * one updates every weight, unless a gradient was not finite.
 *
 * <p>While a training is open it owns the model's parameters: they can be read (where they have an
 * FP32 master), not written. {@link #close} gives everything else back; the model is then the
 * trained one, in FP32. For one thread at a time.
 *
 * @see <a href="https://arxiv.org/abs/1710.03740">Micikevicius et al., Mixed Precision Training,
 *     section 3</a>
 */
public abstract class Training implements AutoCloseable {

  /** Steps that were started and not read: then the first is waited for. */
  static final int MOST_PENDING = 64;

  private final TrainingSettings settings;
  private final WeightRegistry registry = new WeightRegistry();
  private final Tape tape = Tape.forTraining();
  private final StepGuard guard = new StepGuard(getClass().getName());
  private @Nullable StepMemory memory;
  private @Nullable Tensor replayedScale;
  private @Nullable StatisticsTrace trace;
  private @Nullable StepStatistics statistics;
  private LossScale scaling;
  private float lastScale;
  private long seed;
  private long appliedSteps;
  private long skippedSteps;
  private int skippedInARow;
  private final MicroBatches waiting = new MicroBatches();
  private final Deque<PendingStep> pending = new ArrayDeque<>();

  /**
   * For generated classes; {@link TrainingBuilder#build} opens the training once its forms are
   * built.
   */
  protected Training(TrainingSettings settings) {
    this.settings = settings;
    this.scaling = settings.lossScale();
    this.lastScale = scaling.scale();
    this.seed = settings.seed();
  }

  /** What the root's mixed forms are built from. */
  protected final Mixing mixing() {
    return new Mixing(registry, "", settings.half().dtype());
  }

  /**
   * A step: forward, backward, and the update of every weight that backward reached, or of none of
   * them. After an overflow the pass is run once more, on the same values and with every result
   * looked at, to find where it came up.
   *
   * @param pass forward and backward of the scaled loss
   * @throws IllegalStateException if the training is closed, or another thread is in a step
   * @throws TrainingStoppedException if this is the last of {@link TrainingBuilder#maxSkips}
   *     skipped steps in a row
   */
  protected final StepResult step(Pass pass) {
    guard.checkOpen();
    readAll();
    return run(pass).result();
  }

  /**
   * As {@link #step}, but does not wait for the outcome: nothing of a step needs the host. Where an
   * overflow came up is looked for if the result is read before anything else begins. A step that
   * {@link TrainingBuilder#statistics} looks at is waited for, and so is the oldest of {@value
   * #MOST_PENDING} that nobody has read.
   *
   * @param pass forward and backward of the scaled loss
   * @param inputs what it reads, which is kept until the next one begins: an overflow may have come
   *     from it
   * @throws IllegalStateException if the training is closed, or another thread is in a step
   * @throws TrainingStoppedException as {@link #step}, if a step that was waited for is the last of
   *     that many
   */
  protected final PendingStep start(Pass pass, Tensor... inputs) {
    if (pending.size() >= MOST_PENDING) {
      pending.getFirst().result();
    }
    return run(pass, inputs);
  }

  private PendingStep run(Pass pass, Tensor... inputs) {
    Tape begun = begin();
    int before = waiting.begin();
    MicroBatches.Passes passes = waiting.takePasses();
    try {
      if (settings.traceOverflows()) {
        passes.add(pass, inputs);
      }
      return run(pass, begun, before, passes);
    } catch (RuntimeException | Error e) {
      passes.close();
      throw e;
    }
  }

  /**
   * Runs a step that has begun.
   *
   * @param passes all of the step, to be run again after an overflow
   */
  private PendingStep run(Pass pass, Tape begun, int before, MicroBatches.Passes passes) {
    int every = settings.statisticsEvery();
    if (every == 0 || (startedSteps() + 1) % every != 0) {
      return update(pass.run(begun), before, passes);
    }
    readAll();
    StatisticsTrace look =
        new StatisticsTrace(memory().scale().device(), settings.half(), registry);
    trace = look;
    try {
      PendingStep step = update(look.run(pass, begun), before, passes);
      read(step);
      return step;
    } finally {
      trace = null;
    }
  }

  /**
   * A micro-batch: forward and backward, but no update. The next {@link #step} updates by the mean
   * of its own gradients and those of all micro-batches since the last one, and its loss is the
   * mean of theirs: as one step on all of them together, where the loss is a mean over equal
   * numbers of examples. Gradients add up where they are kept, in their own type, scaled by the
   * loss scale; one that is not finite skips the step. If a pass ends with an exception nothing
   * waits any more.
   *
   * @param pass forward and backward of the scaled loss
   * @param inputs what it reads, which is kept until the step: an overflow may have come from it
   * @throws IllegalStateException if the training is closed, or another thread is in a step
   */
  protected final void accumulate(Pass pass, Tensor... inputs) {
    Tape begun = begin();
    int before = waiting.begin();
    try (Tensor loss = pass.run(begun)) {
      checkNothingSaved();
      waiting.add(loss, before);
      if (settings.traceOverflows()) {
        waiting.keep(pass, inputs);
      }
      guard.leave();
    }
  }

  /** Begins a step: drops what an earlier one left, gradients included, but for micro-batches. */
  final Tape begin() {
    guard.enter();
    PendingStep last = pending.peekLast();
    if (last != null && last.copy() == null) {
      last.keep(memory().copy());
    }
    if (waiting.count() == 0) {
      registry.dropGradients();
      memory().begin();
    }
    tape.begin(seed, startedSteps(), waiting.count());
    return tape;
  }

  /**
   * The loss scale, which backward begins with as the gradient of the loss: FP32, a scalar.
   * Borrowed.
   *
   * @throws ShapeException if the loss, which is closed then, is no scalar
   */
  protected final Tensor lossScale(Tensor loss) {
    if (loss.shape().rank() > 0) {
      try (loss) {
        throw notScalar(loss);
      }
    }
    return replayedScale == null ? memory().scale() : replayedScale;
  }

  /**
   * Ends a step, and waits for it.
   *
   * @param loss a scalar, of which this takes ownership
   */
  final StepResult update(Tensor loss) {
    return update(loss, 0, new MicroBatches.Passes()).result();
  }

  /**
   * Ends a step.
   *
   * @param loss a scalar, of which this takes ownership
   * @param before micro-batches whose gradients and losses are in, too
   * @param passes all of the step, to be run again after an overflow
   */
  private PendingStep update(Tensor loss, int before, MicroBatches.Passes passes) {
    try (loss;
        Tensor mean = waiting.mean(loss, before)) {
      guard.checkEntered();
      checkNothingSaved();
      List<TrainedParameter> reached = registry.reached();
      if (before > 0) {
        reached.forEach(parameter -> parameter.scaleGradient(1f / (before + 1)));
      }
      runUpdate(reached);
      memory().end(mean);
      PendingStep step = new PendingStep(this, reached, passes);
      pending.addLast(step);
      guard.leave();
      return step;
    }
  }

  private void checkNothingSaved() {
    if (tape.size() > 0) {
      throw new IllegalStateException(
          "backward left "
              + tape.size()
              + " saved values on the tape; this is a bug in the mixed form");
    }
  }

  /**
   * The value of a loss, of which this takes ownership.
   *
   * @throws ShapeException if it is no scalar
   */
  protected final float value(Tensor loss) {
    try (loss) {
      if (loss.shape().rank() > 0) {
        throw notScalar(loss);
      }
      return loss.item();
    }
  }

  /**
   * The learning rate of the next step, by the training's own optimizer. Waits for the steps that
   * were started.
   */
  public final float learningRate() {
    readAll();
    return settings.optimizer().schedule().rate(appliedSteps);
  }

  /**
   * The learning rate of the next step for a weight, by the optimizer of its group; 0 where it is
   * frozen. Waits for the steps that were started.
   *
   * @param weight asked for by its path and shape, as in {@link TrainingBuilder#optimizer}
   */
  public final float learningRate(WeightPlace weight) {
    readAll();
    Optimizer rule = settings.rules().of(weight);
    return rule == null ? 0 : rule.schedule().rate(appliedSteps);
  }

  /** The loss scale's state after the last step, for which this waits. */
  public final LossScale scaling() {
    readAll();
    return scaling;
  }

  /** Steps that updated the weights. Waits for those that were started. */
  public final long appliedSteps() {
    readAll();
    return appliedSteps;
  }

  /** Steps that did not, because a gradient was not finite. Waits for those that were started. */
  public final long skippedSteps() {
    readAll();
    return skippedSteps;
  }

  /**
   * What the values of the last step were like that was looked at; empty before the first, or if
   * {@link TrainingBuilder#statistics} does not ask for any.
   */
  public final Optional<StepStatistics> statistics() {
    return Optional.ofNullable(statistics);
  }

  /** The bytes that this training holds. */
  public final MemoryUse memoryUse() {
    MemoryUse use = new MemoryUse(0, 0, 0, 0, tape.peakSavedBytes());
    for (TrainedParameter parameter : registry.parameters()) {
      use = use.plus(parameter.memoryUse());
    }
    return use;
  }

  /**
   * All weights with the last step's gradients, in the order of the model's fields. A tied
   * parameter is there once.
   */
  public final List<WeightView> weights() {
    guard.checkOpen();
    readAll();
    return registry.parameters().stream().map(p -> new WeightView(p, lastScale)).toList();
  }

  /**
   * Saves all that the training needs to go on as if it had never stopped, with the same bits:
   * weights and the model's states, what the optimizer keeps, the loss scale, the counts of steps,
   * the seed of dropout. The file is in the safetensors format, everything FP32, each tensor called
   * after its place in the model; it is written whole or not at all. The settings, and the place in
   * the data, stay with the program.
   *
   * @throws IllegalStateException if the training is closed, in a step, or has micro-batches that
   *     wait for one
   * @throws UncheckedIOException if the file cannot be written; it is then as it was before
   */
  public final void save(Path file) {
    save(file, true);
  }

  /** Saves the weights and the model's states alone, as {@link #save} does. */
  public final void saveWeights(Path file) {
    save(file, false);
  }

  /**
   * Goes on from what {@link #save} saved. A 16-bit format, or a device, other than then is well;
   * learning rate and other settings are those of this training, only the seed is the file's. The
   * loss scale begins anew if its rule is another. Micro-batches that wait are dropped.
   *
   * @throws CheckpointException if the file is damaged, or was saved from another model or with
   *     another optimizer; nothing is changed then
   * @throws UncheckedIOException if the file cannot be read; nothing is changed then
   * @throws IllegalStateException if the training is closed, or in a step
   */
  public final void load(Path file) {
    replace(
        file,
        saved -> {
          Progress progress = Progress.of(saved);
          checkpoint().load(saved);
          restore(progress);
        });
  }

  /**
   * Takes weights and states from a file of {@link #save} or {@link #saveWeights}, or of others,
   * FP32, FP16 or BF16. All else stays as it is: for a model that is already trained, or to be
   * trained in another way, before the first step.
   *
   * @throws CheckpointException if the file is damaged, or of another model; nothing is changed
   *     then
   * @throws UncheckedIOException if the file cannot be read; nothing is changed then
   * @throws IllegalStateException if the training is closed, or in a step
   */
  public final void loadWeights(Path file) {
    replace(file, saved -> checkpoint().loadModel(saved));
  }

  /**
   * Takes the weights and states that a file has by the same name and in the same shape, as {@link
   * #loadWeights} takes all.
   *
   * @return the names of the others, which stay as they are
   * @throws CheckpointException if the file is damaged
   * @throws UncheckedIOException if the file cannot be read; nothing is changed then
   * @throws IllegalStateException if the training is closed, or in a step
   */
  public final Set<String> loadMatchingWeights(Path file) {
    Set<String> others = new LinkedHashSet<>();
    replace(file, saved -> others.addAll(checkpoint().loadMatching(saved)));
    return others;
  }

  /**
   * Gives back all memory but the parameters', which are FP32 again if they were not.
   *
   * @throws IllegalStateException if it is closed already, or another thread is in a step
   */
  @Override
  public void close() {
    guard.close();
    try {
      readAll();
    } finally {
      release();
    }
  }

  /** All weights, in the order of the model's fields. */
  final List<TrainedParameter> parameters() {
    return registry.parameters();
  }

  /** Makes the shadows and the optimizer's state. */
  final void open() {
    try {
      Device device = device();
      for (TrainedParameter parameter : registry.parameters()) {
        Optimizer rule = settings.rules().of(parameter.place());
        parameter.open(settings.half().dtype(), settings.masterWeights(), rule);
      }
      if (registry.parameters().stream().allMatch(TrainedParameter::frozen)) {
        throw new IllegalStateException("all weights are frozen: there is nothing to train");
      }
      memory =
          new StepMemory(
              device,
              registry.parameters().size(),
              settings.lossScale(),
              settings.rules().schedules());
    } catch (RuntimeException | Error e) {
      release();
      throw e;
    }
  }

  private void release() {
    tape.clear();
    waiting.drop();
    pending.forEach(PendingStep::drop);
    pending.clear();
    registry.parameters().forEach(TrainedParameter::close);
    if (memory != null) {
      memory.close();
      memory = null;
    }
  }

  /** Where all parameters are. */
  private Device device() {
    if (registry.parameters().isEmpty()) {
      throw new IllegalStateException("the model has no parameters: there is nothing to train");
    }
    Device asked = settings.device();
    Device device = asked == null ? registry.parameters().getFirst().parameter().device() : asked;
    for (TrainedParameter trained : registry.parameters()) {
      if (trained.parameter().device() != device) {
        throw new IllegalStateException(
            "parameter %s is on another device (%s) than the training (%s); make the model after Device.setDefault"
                .formatted(trained.path(), trained.parameter().device(), device));
      }
    }
    return device;
  }

  /** The two passes. Nothing here waits for the device. */
  private void runUpdate(List<TrainedParameter> reached) {
    memory().prepareRates(appliedSteps, pending.size());
    StepControl control = memory().control();
    Backend backend = memory().scale().device().backend();
    for (int i = 0; i < reached.size(); i++) {
      backend.checkFinite(reached.get(i).operands().gradient(), control, i);
    }
    memory().beginUpdate(settings.clipNorm());
    for (TrainedParameter parameter : reached) {
      parameter.update(backend, memory().control(settings.rules().schedule(parameter.rule())));
    }
    backend.endUpdate(control, settings.lossScale());
  }

  /** Steps so far, those included of which it is not known whether they were applied. */
  private long startedSteps() {
    return appliedSteps + skippedSteps + pending.size();
  }

  /** Reads what all steps that were started came to. */
  private void readAll() {
    PendingStep last = pending.peekLast();
    if (last != null) {
      read(last);
    }
  }

  /** Reads what a step came to, and those before it: the one place that waits for the device. */
  final void read(PendingStep step) {
    while (!step.isRead()) {
      PendingStep first = pending.peekFirst();
      if (first == null) {
        return;
      }
      StepMemory.Outcome outcome = memory().read(first.copy(), scaling);
      pending.removeFirst();
      first.read(result(first, outcome));
    }
  }

  private StepResult result(PendingStep step, StepMemory.Outcome outcome) {
    lastScale = scaling.scale();
    scaling = outcome.next();
    Integer index = outcome.overflow();
    if (trace != null) {
      StepStatistics found = trace.afterUpdate(lastScale, index == null);
      statistics = found;
      UnderflowEvent.commit(appliedSteps + skippedSteps, found);
    }
    appliedSteps = outcome.applied();
    if (index == null) {
      skippedInARow = 0;
      return new Applied(outcome.loss(), lastScale, appliedSteps);
    }
    Overflow overflow = overflow(step.reached().get(index), step);
    skippedSteps++;
    skippedInARow++;
    return new Skipped(outcome.loss(), lastScale, overflow, skippedInARow);
  }

  /** The result, unless the training must end after so many skipped steps. */
  final StepResult checkGoesOn(StepResult result) {
    if (result instanceof Skipped skipped && skipped.inARow() >= settings.maxSkips()) {
      throw new TrainingStoppedException(skipped);
    }
    return result;
  }

  private void betweenSteps(Runnable work) {
    guard.enter();
    try {
      readAll();
      work.run();
    } finally {
      guard.leave();
    }
  }

  private void save(Path file, boolean everything) {
    betweenSteps(
        () -> {
          if (everything && waiting.count() > 0) {
            throw new IllegalStateException(
                "%d micro-batches wait for a step, and are not saved; save after the step"
                    .formatted(waiting.count()));
          }
          if (everything) {
            checkpoint().save(file, progress());
          } else {
            checkpoint().saveModel(file);
          }
        });
  }

  private void replace(Path file, Consumer<SafetensorsFile> load) {
    betweenSteps(
        () -> {
          try (SafetensorsFile saved = SafetensorsFile.open(file)) {
            load.accept(saved);
          }
          waiting.drop();
          registry.dropGradients();
          registry.parameters().forEach(TrainedParameter::masterReplaced);
        });
  }

  private Checkpoint checkpoint() {
    return Checkpoint.of(this, settings, registry);
  }

  private Progress progress() {
    return new Progress(appliedSteps, skippedSteps, skippedInARow, seed, scaling);
  }

  private void restore(Progress progress) {
    appliedSteps = progress.appliedSteps();
    skippedSteps = progress.skippedSteps();
    skippedInARow = progress.skippedInARow();
    seed = progress.seed();
    LossScale rule = settings.lossScale();
    scaling = rule.sameRule(progress.scaling()) ? progress.scaling() : rule;
    lastScale = scaling.scale();
    statistics = null;
    memory().restore(scaling, appliedSteps);
  }

  private ShapeException notScalar(Tensor loss) {
    return new ShapeException(
        "%s: the loss has shape %s, but must be a scalar, which backward begins with; end 'loss' with mean, sum or crossEntropy"
            .formatted(getClass().getSimpleName(), loss.shape()));
  }

  private Overflow overflow(TrainedParameter parameter, PendingStep step) {
    if (!settings.traceOverflows()) {
      return parameter.overflow(Overflow.NOT_TRACED);
    }
    if (step.copy() != null) {
      return parameter.overflow(Overflow.READ_LATE);
    }
    Overflow overflow = parameter.overflow(Overflow.NOT_FOUND);
    Origin origin = step.passes().isEmpty() ? null : origin(step.passes());
    return origin == null ? overflow : overflow.from(origin);
  }

  /** Runs the step again: the weights are as before, and so are its seeds and its loss scale. */
  private @Nullable Origin origin(List<Pass> passes) {
    Device device = memory().scale().device();
    try (Tensor scale = Tensor.allocate(device, Shape.of(), DType.FP32).fill(lastScale)) {
      replayedScale = scale;
      registry.dropGradients();
      for (int i = 0; i < passes.size(); i++) {
        Optional<Origin> origin = origin(device, passes.get(i), i);
        if (origin.isPresent()) {
          return i == passes.size() - 1 ? origin.get() : origin.get().in(i + 1);
        }
      }
      return null;
    } finally {
      replayedScale = null;
    }
  }

  private Optional<Origin> origin(Device device, Pass pass, int before) {
    tape.beginAgain(seed, appliedSteps + skippedSteps, before);
    return OverflowTrace.of(device, () -> pass.run(tape).close());
  }

  private StepMemory memory() {
    if (memory == null) {
      throw StepGuard.closed();
    }
    return memory;
  }

  /** Forward and backward of a step, which run in generated code. */
  @FunctionalInterface
  protected interface Pass {

    /** Returns the loss, a scalar, which the caller owns; the weights have their gradients. */
    Tensor run(Tape tape);
  }
}
