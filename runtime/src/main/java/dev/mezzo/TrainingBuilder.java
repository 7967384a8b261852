package dev.mezzo;

import dev.mezzo.optim.Optimizer;
import dev.mezzo.scaling.LossScale;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Collects the settings of a training; all but the optimizer have a default.
 *
 * @param <T> the generated class
 */
public final class TrainingBuilder<T extends Training> {

  private final LossScale declared;
  private final Function<? super TrainingSettings, ? extends T> create;
  private final List<WeightGroup> groups = new ArrayList<>();
  private @Nullable Optimizer optimizer;
  private HalfFormat half = HalfFormat.FP16;
  private List<HalfFormat> allowed = List.of();
  private @Nullable Device device;
  private @Nullable LossScale lossScale;
  private float clipNorm = Float.POSITIVE_INFINITY;
  private boolean masterWeights = true;
  private long seed;
  private int maxSkips = 50;
  private boolean traceOverflows = true;
  private int statisticsEvery;

  /**
   * For generated classes.
   *
   * @param declared the loss scale that the model's {@code @LossScaled} says
   */
  public TrainingBuilder(
      LossScale declared, Function<? super TrainingSettings, ? extends T> create) {
    this.declared = declared;
    this.create = create;
  }

  /** How weights follow their gradients. The only setting without a default. */
  public TrainingBuilder<T> optimizer(Optimizer optimizer) {
    this.optimizer = optimizer;
    return this;
  }

  /**
   * How some weights follow their gradients, in another way than the others. No weight decay of
   * biases and norms, as usual with AdamW:
   *
   * <pre>{@code
   * AdamW adamW = AdamW.of(1e-3f);
   * builder.optimizer(adamW)
   *     .optimizer(weight -> weight.shape().rank() < 2, adamW.withWeightDecay(0f))
   * }</pre>
   *
   * Of several groups that a weight is in, {@link #frozen} ones included, the first counts.
   *
   * @param of which weights; asked once of each when the training is built
   * @param optimizer with a {@code Schedule} of its own, or that of the others; all of a training
   *     count the same steps
   */
  public TrainingBuilder<T> optimizer(Predicate<? super WeightPlace> of, Optimizer optimizer) {
    groups.add(new WeightGroup(of, optimizer));
    return this;
  }

  /**
   * Weights that stay as they are, bit by bit: for fine-tuning, as in {@code frozen(weight ->
   * weight.path().startsWith("body."))}. They have neither gradients, nor what the optimizer keeps,
   * have no part in {@link #clipNorm}, and skip no step. Products, convolutions, embeddings and
   * biases of frozen weights compute no gradient. The state of batch norms moves on.
   *
   * <p>Another open training may train what is frozen here: this one then reads what that one has
   * made of it, as where a generator learns from a discriminator that learns, too.
   *
   * @param of which weights; asked once of each when the training is built
   */
  public TrainingBuilder<T> frozen(Predicate<? super WeightPlace> of) {
    groups.add(new WeightGroup(of, null));
    return this;
  }

  /**
   * The 16-bit format; by default FP16. With NONE everything is FP32, and by default the loss is
   * not scaled.
   */
  public TrainingBuilder<T> half(HalfFormat half) {
    this.half = half;
    return this;
  }

  /**
   * The 16-bit formats that the model was compiled for, {@code -Amezzo.formats}; another one is
   * refused, as its numbers were not checked. The first is the default.
   */
  public TrainingBuilder<T> formats(HalfFormat... formats) {
    allowed = List.of(formats);
    half = formats[0];
    return this;
  }

  /** Where to train; by default where the model's parameters are. */
  public TrainingBuilder<T> device(Device device) {
    this.device = device;
    return this;
  }

  /** Replaces what {@code @LossScaled} says. */
  public TrainingBuilder<T> lossScale(LossScale lossScale) {
    this.lossScale = lossScale;
    return this;
  }

  /**
   * Scales the gradients down where the norm of all of them together, unscaled, is greater; by
   * default never.
   */
  public TrainingBuilder<T> clipNorm(float clipNorm) {
    if (!(clipNorm > 0)) {
      throw new IllegalArgumentException("clipNorm must be positive, but is " + clipNorm);
    }
    this.clipNorm = clipNorm;
    return this;
  }

  /**
   * Whether weights have an FP32 master copy, as by default. Without, small updates are lost: an
   * ablation.
   */
  public TrainingBuilder<T> masterWeights(boolean masterWeights) {
    this.masterWeights = masterWeights;
    return this;
  }

  /** The seed of dropout; by default 0. */
  public TrainingBuilder<T> seed(long seed) {
    this.seed = seed;
    return this;
  }

  /**
   * How many skipped steps in a row end the training with {@link TrainingStoppedException}. By
   * default 50: a dynamic scale needs 24 halvings at most, from 2²⁴ to 1, after which a loss that
   * is still not finite will stay so.
   */
  public TrainingBuilder<T> maxSkips(int maxSkips) {
    if (maxSkips < 1) {
      throw new IllegalArgumentException("maxSkips must be at least 1, but is " + maxSkips);
    }
    this.maxSkips = maxSkips;
    return this;
  }

  /**
   * Whether a step that is skipped is run again with every result looked at, so that {@link
   * Overflow#origin} names the operation that first computed a value that is not finite. On by
   * default: a step that is applied pays nothing, a skipped one takes several times as long.
   */
  public TrainingBuilder<T> traceOverflows(boolean traceOverflows) {
    this.traceOverflows = traceOverflows;
    return this;
  }

  /**
   * Looks at every Nth step: how large its values are, layer by layer ({@link
   * Training#statistics}), and how many gradients are zero or subnormal, as events {@code
   * dev.mezzo.Underflow} of JDK Flight Recorder. It takes several times as long, the others no
   * longer than before. By default none.
   *
   * @param everySteps at least 1
   */
  public TrainingBuilder<T> statistics(int everySteps) {
    if (everySteps < 1) {
      throw new IllegalArgumentException("statistics need 1 or more, but have " + everySteps);
    }
    this.statisticsEvery = everySteps;
    return this;
  }

  /** Opens the training: makes the shadows and the optimizer's state. */
  public T build() {
    Optimizer chosen = optimizer;
    if (chosen == null) {
      throw new IllegalStateException(
          "no optimizer: call optimizer(AdamW.of(1e-3f)), or another, before build()");
    }
    if (half != HalfFormat.NONE && !allowed.isEmpty() && !allowed.contains(half)) {
      throw new IllegalStateException(
          "the model was compiled for %s, not for %s; compile it with -Amezzo.formats=%s, or without"
              .formatted(allowed, half, half.name().toLowerCase(Locale.ROOT)));
    }
    LossScale byDefault = half == HalfFormat.NONE ? LossScale.none() : declared;
    T training =
        create.apply(
            new TrainingSettings(
                chosen,
                new WeightRules(chosen, groups),
                half,
                device,
                lossScale == null ? byDefault : lossScale,
                clipNorm,
                masterWeights,
                seed,
                maxSkips,
                traceOverflows,
                statisticsEvery));
    ((Training) training).open();
    return training;
  }
}
