package dev.mezzo;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.StepControl;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import org.jspecify.annotations.Nullable;

/**
 * What steers the updates, in the device's memory. {@link #read} is the only place where it comes
 * back to the host: at the end of a step, never on its way.
 */
final class StepMemory implements AutoCloseable {

  // counters: what is read after each step
  private static final int OVERFLOW = 0;
  private static final int APPLIED = 1;
  private static final int GOOD_STEPS = 2;
  private static final int OVERFLOWS = 3;
  private static final int COUNTERS = 4;

  // numbers that no host reads
  private static final int SQUARES = 0;
  private static final int FACTOR = 1;
  private static final int RATE = 2;
  private static final int NUMBERS = 3;

  private final Backend backend;
  private final Tensor counters;
  private final Tensor numbers;
  private final Tensor scale;
  private final Tensor flags;
  private final StepControl control;

  StepMemory(Device device, int weights, LossScale initial, Operand rates) {
    backend = device.backend();
    counters = Tensor.zeros(device, Shape.of(COUNTERS), DType.INT32);
    numbers = Tensor.zeros(device, Shape.of(NUMBERS), DType.FP32);
    scale = Tensor.allocate(device, Shape.of(), DType.FP32).fill(initial.scale());
    flags = Tensor.zeros(device, Shape.of(weights), DType.INT32);
    control =
        new StepControl(
            flags.operand(),
            number(SQUARES),
            counters.operand().slice(OVERFLOW, 1),
            number(FACTOR),
            counters.operand().slice(APPLIED, 1),
            rates,
            number(RATE),
            scale.operand(),
            counters.operand().slice(GOOD_STEPS, 2));
    counters.copyFrom(new int[] {0, 0, initial.goodSteps(), initial.overflows()});
  }

  StepControl control() {
    return control;
  }

  /** The loss scale, an FP32 scalar. */
  Tensor scale() {
    return scale;
  }

  /** Clears what a step sums up. */
  void begin() {
    backend.fill(control.flags(), 0f);
    backend.fill(control.squares(), 0f);
  }

  /** Waits for the update and reads its outcome. */
  Outcome read(LossScale rule) {
    int[] read = counters.toInts();
    LossScale next = rule.with(scale.item(), read[GOOD_STEPS], read[OVERFLOWS]);
    return new Outcome(read[APPLIED], next, read[OVERFLOW] == 0 ? null : firstFlag());
  }

  @Override
  public void close() {
    counters.close();
    numbers.close();
    scale.close();
    flags.close();
  }

  private Operand number(int index) {
    return numbers.operand().slice(index, 1);
  }

  private int firstFlag() {
    int[] read = flags.toInts();
    int index = 0;
    while (read[index] == 0) {
      index++;
    }
    return index;
  }

  /**
   * What became of a step.
   *
   * @param applied steps applied so far
   * @param next the loss scale's next state
   * @param overflow index of the first gradient that was not finite; null if all were
   */
  record Outcome(long applied, LossScale next, @Nullable Integer overflow) {}
}
