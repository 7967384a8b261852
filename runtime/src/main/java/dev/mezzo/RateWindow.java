package dev.mezzo;

import dev.mezzo.backend.Operand;
import dev.mezzo.optim.Schedule;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.lang.foreign.MemorySegment;

/**
 * The learning rates of the steps to come, in the device's memory, by number of steps applied.
 * Filled ahead in halves, so that the host need not know which of the steps it has started were
 * applied: it only knows how many that may be.
 */
final class RateWindow implements AutoCloseable {

  static final int SIZE = 256;

  private final Schedule schedule;
  private final Tensor rates;
  private final float[] host = new float[SIZE];
  private long filled;

  RateWindow(Schedule schedule, Device device) {
    this.schedule = schedule;
    this.rates = Tensor.allocate(device, Shape.of(SIZE), DType.FP32);
  }

  Device device() {
    return rates.device();
  }

  Operand operand() {
    return rates.operand();
  }

  /**
   * Makes the rates there that the next step may need.
   *
   * @param known steps known to be applied
   * @param inFlight steps started of which that is not known, fewer than half the window
   */
  void prepare(long known, long inFlight) {
    if (inFlight >= SIZE / 2) {
      throw new IllegalStateException(inFlight + " steps are in flight; read a result first");
    }
    if (known + inFlight < filled) {
      return;
    }
    long end = known + SIZE;
    for (long applied = Math.max(filled, known); applied < end; applied++) {
      host[(int) (applied % SIZE)] = checked(applied);
    }
    filled = end;
    rates.device().backend().upload(MemorySegment.ofArray(host), rates.operand().data());
  }

  /** After other steps than those so far. */
  void restart() {
    filled = 0;
  }

  @Override
  public void close() {
    rates.close();
  }

  private float checked(long applied) {
    float rate = schedule.rate(applied);
    if (!(rate >= 0) || !Float.isFinite(rate)) {
      throw new IllegalStateException(
          "the schedule gives "
              + rate
              + " after "
              + applied
              + " steps, but a learning rate must be finite and not negative");
    }
    return rate;
  }
}
