package dev.mezzo;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.StepControl;
import dev.mezzo.optim.Schedule;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What steers the updates, in the device's memory. What comes back to the host, when it is asked
 * for, is one block: outcome, counters, scale and loss; and, of a skipped step, the flags.
 */
final class StepMemory implements AutoCloseable {

  // the block: what a step came to
  private static final int OVERFLOW = 0;
  private static final int APPLIED = 1;
  private static final int GOOD_STEPS = 2;
  private static final int OVERFLOWS = 3;
  private static final int NEXT_SCALE = 4;
  private static final int LOSS = 5;
  private static final int BLOCK = 6;

  // numbers that no host reads
  private static final int SQUARES = 0;
  private static final int FACTOR = 1;
  private static final int RATES = 2; // one for each schedule

  private final Backend backend;
  private final Tensor block;
  private final Tensor flags;
  private final Tensor numbers;
  private final Tensor scale;
  private final Tensor applied;
  private final List<RateWindow> windows = new ArrayList<>();
  private final List<StepControl> controls = new ArrayList<>();

  /**
   * The memory of a training.
   *
   * @param schedules that weights follow, the training's own first
   */
  StepMemory(Device device, int weights, LossScale initial, List<Schedule> schedules) {
    backend = device.backend();
    block = Tensor.zeros(device, Shape.of(BLOCK), DType.INT32);
    flags = Tensor.zeros(device, Shape.of(weights), DType.INT32);
    numbers = Tensor.zeros(device, Shape.of(RATES + schedules.size()), DType.FP32);
    scale = Tensor.allocate(device, Shape.of(), DType.FP32);
    applied = Tensor.zeros(device, Shape.of(schedules.size() - 1), DType.INT32);
    for (Schedule schedule : schedules) {
      RateWindow window = new RateWindow(schedule, device);
      windows.add(window);
      controls.add(control(controls.size(), window));
    }
    restore(initial, 0);
  }

  /** Each counts the steps by itself: {@code beginUpdate} finds its rate by that. */
  private StepControl control(int schedule, RateWindow window) {
    Operand counters = block.operand();
    Operand count =
        schedule == 0 ? counters.slice(APPLIED, 1) : applied.operand().slice(schedule - 1, 1);
    return new StepControl(
        flags.operand(),
        number(SQUARES),
        counters.slice(OVERFLOW, 1),
        number(FACTOR),
        count,
        window.operand(),
        number(RATES + schedule),
        scale.operand(),
        counters.slice(GOOD_STEPS, 2));
  }

  /** What steers the weights of the training's own schedule, and all that is not of one alone. */
  StepControl control() {
    return control(0);
  }

  /** What steers the weights of a schedule. */
  StepControl control(int schedule) {
    return controls.get(schedule);
  }

  /**
   * Makes the rates there that the next step may need.
   *
   * @param known steps known to be applied
   * @param inFlight steps started of which that is not known
   */
  void prepareRates(long known, long inFlight) {
    windows.forEach(window -> window.prepare(known, inFlight));
  }

  /** After the gradients were checked: whether there is an update, its factor and its rates. */
  void beginUpdate(float clipNorm) {
    controls.forEach(control -> backend.beginUpdate(control, clipNorm));
  }

  /** The loss scale, an FP32 scalar. */
  Tensor scale() {
    return scale;
  }

  /** Clears what a step sums up. */
  void begin() {
    backend.fill(control().flags(), 0f);
    backend.fill(control().squares(), 0f);
  }

  /** Completes the block after the update, with the step's loss, a scalar. */
  void end(Tensor loss) {
    backend.cast(scale.operand(), float32(NEXT_SCALE));
    backend.cast(loss.operand(), float32(LOSS));
  }

  /** Block and flags as they are now, which the caller owns: the next step changes them. */
  Tensor copy() {
    int weights = (int) flags.shape().size();
    Tensor copy = Tensor.allocate(block.device(), Shape.of(BLOCK + weights), DType.INT32);
    backend.cast(block.operand(), copy.operand().slice(0, BLOCK));
    backend.cast(flags.operand(), copy.operand().slice(BLOCK, weights));
    return copy;
  }

  /**
   * Waits for the device and reads the outcome of a step.
   *
   * @param copy that was made after it; null for the last step's
   */
  Outcome read(@Nullable Tensor copy, LossScale rule) {
    int[] read = (copy == null ? block : copy).toInts();
    LossScale next =
        rule.with(Float.intBitsToFloat(read[NEXT_SCALE]), read[GOOD_STEPS], read[OVERFLOWS]);
    float loss = Float.intBitsToFloat(read[LOSS]);
    Integer overflow = null;
    if (read[OVERFLOW] != 0) {
      overflow = copy == null ? first(flags.toInts(), 0) : first(read, BLOCK);
    }
    return new Outcome(loss, read[APPLIED], next, overflow);
  }

  /** Goes on from another state. */
  void restore(LossScale scaling, long steps) {
    windows.forEach(RateWindow::restart);
    int count = Math.toIntExact(steps);
    applied.fill(count);
    scale.fill(scaling.scale());
    int[] values = new int[BLOCK];
    values[APPLIED] = count;
    values[NEXT_SCALE] = Float.floatToRawIntBits(scaling.scale());
    values[GOOD_STEPS] = scaling.goodSteps();
    values[OVERFLOWS] = scaling.overflows();
    block.copyFrom(values);
  }

  @Override
  public void close() {
    block.close();
    flags.close();
    numbers.close();
    scale.close();
    applied.close();
    windows.forEach(RateWindow::close);
  }

  private Operand number(int index) {
    return numbers.operand().slice(index, 1);
  }

  /** A word of the block as FP32. */
  private Operand float32(int index) {
    return new Operand(block.operand().slice(index, 1).data(), DType.FP32, 1);
  }

  /** How many flags from that word on are not set. */
  private static int first(int[] read, int from) {
    int index = from;
    while (read[index] == 0) {
      index++;
    }
    return index - from;
  }

  /**
   * What became of a step.
   *
   * @param loss before it
   * @param applied steps applied so far
   * @param next the loss scale's next state
   * @param overflow index of the first gradient that was not finite; null if all were
   */
  record Outcome(float loss, long applied, LossScale next, @Nullable Integer overflow) {}
}
