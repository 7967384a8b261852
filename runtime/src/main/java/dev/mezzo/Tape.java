package dev.mezzo;

import dev.mezzo.types.Layout;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What forward leaves for backward: a stack of values, restored in the reverse order. Generated
 * code saves exactly what some gradient reads.
 *
 * <p>A tensor is retained, not copied: it must not be written to while it is saved. The shared tape
 * of {@link #inference} ignores what it is given. For one thread at a time.
 */
public final class Tape {

  private static final Tape INFERENCE = new Tape(false, null);

  private final boolean training;
  private final @Nullable Tape seeds;
  private final @Nullable Tape refilled;
  private final Deque<Object> values = new ArrayDeque<>();
  private final IdentityHashMap<Storage, Integer> held = new IdentityHashMap<>();
  private long savedBytes;
  private long peakSavedBytes;
  private long stepSeed;
  private long draws;
  private boolean replays;

  private Tape(boolean training, @Nullable Tape seeds) {
    this(training, seeds, null);
  }

  private Tape(boolean training, @Nullable Tape seeds, @Nullable Tape refilled) {
    this.training = training;
    this.seeds = seeds;
    this.refilled = refilled;
  }

  /** The tape of forward passes without backward: saves nothing; dropout keeps everything. */
  public static Tape inference() {
    return INFERENCE;
  }

  static Tape forTraining() {
    return new Tape(true, null);
  }

  /** Whether backward will follow. */
  public boolean training() {
    return training;
  }

  /**
   * Whether an operation that keeps a {@link State} is to move it: in training, but not where a
   * part of forward runs again ({@code @Recompute}, or a skipped step whose overflow is looked for)
   * and has moved it already.
   */
  public boolean movesStates() {
    return seeds == null ? training && !replays : seeds.movesStates();
  }

  /**
   * A tape for calls whose result needs no gradient: they compute as in training, with this tape's
   * seeds, but nothing is saved.
   */
  public Tape unsaved() {
    return training && seeds == null ? new Tape(true, this) : this;
  }

  /** How many random numbers this step has drawn. */
  public long draws() {
    return seeds == null ? draws : seeds.draws();
  }

  /**
   * This tape for a part of forward that runs again in backward: what the part saves is saved here,
   * the random numbers begin behind the first {@code draws}, as they did before, and no state moves
   * a second time.
   */
  public Tape again(long draws) {
    Tape again = new Tape(true, null, refilled == null ? this : refilled);
    again.stepSeed = stepSeed;
    again.draws = draws;
    again.replays = true;
    return again;
  }

  /** Retains {@code tensor} until it is restored. */
  public void save(Tensor tensor) {
    if (refilled != null) {
      refilled.save(tensor);
    } else if (saves()) {
      values.push(tensor.retain());
      hold(tensor.storage());
    }
  }

  /** Retains all tensors of {@code array} until they are restored; it may change meanwhile. */
  public void save(TensorArray array) {
    if (refilled != null) {
      refilled.save(array);
    } else if (saves()) {
      values.push(array.copy());
      for (Tensor tensor : array.toArray()) {
        hold(tensor.storage());
      }
    }
  }

  /** Saves what a gradient reads of a tensor without its values. */
  public void save(Layout layout) {
    save((Object) layout);
  }

  /** Saves a number: a seed, a count. */
  public void save(long value) {
    save((Object) value);
  }

  /** Saves any other immutable value. */
  public void save(Object value) {
    if (value instanceof Tensor tensor) {
      save(tensor);
    } else if (refilled != null) {
      refilled.save(value);
    } else if (saves()) {
      values.push(value);
    }
  }

  /** The value saved last, a tensor. The caller owns it, and closes it. */
  public Tensor restoreTensor() {
    Tensor tensor = restore(Tensor.class);
    letGo(tensor.storage());
    return tensor;
  }

  /** The value saved last, an array of tensors. The caller owns it, and closes it. */
  public TensorArray restoreArray() {
    TensorArray array = restore(TensorArray.class);
    for (Tensor tensor : array.toArray()) {
      letGo(tensor.storage());
    }
    return array;
  }

  /** The value saved last, a layout. */
  public Layout restoreLayout() {
    return restore(Layout.class);
  }

  /** The value saved last, a number. */
  public long restoreLong() {
    return restore(Long.class);
  }

  /** The value saved last; for a tensor see {@link #restoreTensor}. */
  public <T> T restore(Class<T> type) {
    Object value = values.peek();
    if (!type.isInstance(value)) {
      throw new IllegalStateException(
          "backward asks for a saved "
              + type.getSimpleName()
              + ", but "
              + (value == null
                  ? "nothing is left"
                  : "the last value is a " + value.getClass().getSimpleName())
              + (training
                  ? "; it must restore in the reverse order of forward's saves"
                  : " on the inference tape"));
    }
    values.pop();
    return type.cast(value);
  }

  /** Gives up the values saved last, for gradients that nobody wants. */
  public void drop(int entries) {
    for (int i = 0; i < entries; i++) {
      if (values.peek() instanceof Tensor) {
        restoreTensor().close();
      } else if (values.peek() instanceof TensorArray) {
        restoreArray().close();
      } else {
        restore(Object.class);
      }
    }
  }

  /**
   * The seed of this step's next random draw: a function of the training's seed, the number of the
   * step, and the number of draws before in this step.
   */
  public long nextSeed() {
    if (!training) {
      throw new IllegalStateException("the inference tape draws no random numbers");
    }
    return seeds == null ? mixed(stepSeed, draws++) : seeds.nextSeed();
  }

  /**
   * Bytes of the distinct memory that saved tensors hold, parameters and their shadows not counted.
   */
  public long savedBytes() {
    return savedBytes;
  }

  /** Number of values saved and not restored. */
  public int size() {
    return values.size();
  }

  /** Drops what is left. */
  public void clear() {
    drop(values.size());
  }

  /** The most {@link #savedBytes} since {@link #begin}. */
  long peakSavedBytes() {
    return peakSavedBytes;
  }

  /**
   * Starts a step with an empty tape.
   *
   * @param part of the step, each of which draws other random numbers: 0 where there is one
   */
  void begin(long seed, long step, int part) {
    begin(seed, step, part, false);
  }

  /** Starts the same step once more, with an empty tape and the same random draws. */
  void beginAgain(long seed, long step, int part) {
    begin(seed, step, part, true);
  }

  private void begin(long seed, long step, int part, boolean again) {
    clear();
    replays = again;
    peakSavedBytes = 0;
    draws = 0;
    stepSeed = part == 0 ? mixed(seed, step) : mixed(mixed(seed, step), ~part);
  }

  private boolean saves() {
    return training && seeds == null;
  }

  private void hold(Storage storage) {
    if (!storage.persistent() && held.merge(storage, 1, Integer::sum) == 1) {
      count(storage, storage.bytes());
    }
  }

  private void letGo(Storage storage) {
    if (!storage.persistent()
        && held.computeIfPresent(storage, (s, n) -> n == 1 ? null : n - 1) == null) {
      count(storage, -storage.bytes());
    }
  }

  private void count(Storage storage, long bytes) {
    savedBytes += bytes;
    peakSavedBytes = Math.max(peakSavedBytes, savedBytes);
    storage.device().memory().saved(bytes);
  }

  /** SplitMix64's output function of the index-th step of its sequence from {@code seed}. */
  private static long mixed(long seed, long index) {
    long z = seed + (index + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
