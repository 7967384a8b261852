package dev.mezzo;

import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * What a training holds, computed without a kernel: the generated code makes its steps on a device
 * on which nothing is computed and all tensors share one piece of memory, and what they would hold
 * is counted. So it is known beforehand, for any batch, also of a step that does not fit.
 *
 * <pre>{@code
 * PeakMemory memory =
 *     PeakMemory.of(
 *         () -> MixedClassifier.training(Classifier.create()).optimizer(AdamW.of(1e-3f)).build(),
 *         training -> training.step(Tensor.zeros(Shape.of(256, 784)), labels(256)));
 * }</pre>
 *
 * <p>The model, too, must be made by the supplier, and the batch by the step, as tensors stay on
 * the device that they are made on. It is what {@link Memory} counts on a device that computes: the
 * elements of tensors, without the kernels' own working memory and what a pool keeps in store.
 * Every loss is 0 here: where a step's way depends on values, this is of the way that zeros take.
 *
 * @param held between steps: weights, shadows, the optimizer's state, the gradients of the last
 *     step
 * @param peak at most in a step, the batch included
 * @param saved for backward, at most
 */
public record PeakMemory(long held, long peak, long saved) {

  /**
   * That of a step after the first.
   *
   * @param open makes the model and opens its training
   * @param step makes a batch and trains with it
   */
  @SuppressWarnings("try") // of InterruptedException, which close() of a training does not throw
  public static <T extends AutoCloseable> PeakMemory of(
      Supplier<T> open, Consumer<? super T> step) {
    Device before = Device.current();
    Device dry = Device.of(DryBackend.of(before.backend()));
    Device.setDefault(dry);
    try {
      T training = open.get();
      try {
        return of(training, step, dry.memory());
      } finally {
        close(training);
      }
    } finally {
      Device.setDefault(before);
      dry.close();
    }
  }

  private static <T> PeakMemory of(T training, Consumer<? super T> step, Memory memory) {
    step.accept(training);
    memory.resetPeaks();
    long held = memory.liveBytes();
    step.accept(training);
    return new PeakMemory(held, memory.peakBytes(), memory.peakSavedBytes());
  }

  private static void close(AutoCloseable training) {
    try {
      training.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("the training cannot be closed", e);
    }
  }

  /**
   * The peak as a formula of a number that it grows with, {@code 31,002,624 + 38,920·batch}: exact
   * for those around {@code at}. Other summands may be the greatest for far smaller or larger ones,
   * and where it grows faster than in proportion, as with a sequence's length, this is the tangent.
   *
   * @param name what the number is called
   * @param at one of its values
   * @param of the memory for a value
   */
  public static String formula(String name, int at, IntFunction<PeakMemory> of) {
    long peak = of.apply(at).peak();
    long slope = of.apply(at + 1).peak() - peak;
    return "%,d + %,d\u00b7%s".formatted(peak - at * slope, slope, name);
  }

  /** As in {@code 12,345,678 bytes at most, 2,345,678 of them saved for backward}. */
  @Override
  public String toString() {
    return "%,d bytes at most, %,d of them saved for backward; %,d between steps"
        .formatted(peak, saved, held);
  }
}
