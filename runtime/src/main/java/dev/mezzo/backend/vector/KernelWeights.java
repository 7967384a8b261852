package dev.mezzo.backend.vector;

import dev.mezzo.backend.ConvolutionShape;
import dev.mezzo.backend.Operand;
import java.util.Arrays;

/**
 * The weights (outChannels, pixels of the kernel, in) of one group, widened, as the convolution or
 * its gradient by x reads them: {@code out} results of {@code in} numbers each.
 *
 * @param wide the group's weights, as they are stored
 * @param pixels of the kernel
 * @param turned whether results are the inputs' channels, as in the gradient by x
 */
record KernelWeights(float[] wide, int in, int out, int pixels, boolean turned) {

  /** Results of a panel. */
  private static final int WIDTH = ConvolutionBlocks.VECTORS * Lanes.COUNT;

  /** Elements that a task widens. */
  private static final int PART = 1 << 15;

  /** Widened by all threads, to array 5 of the caller's. */
  static KernelWeights of(
      ConvolutionShape shape, Operand weight, int group, boolean turned, Workers workers) {
    int pixels = shape.kernelHeight() * shape.kernelWidth();
    int size = shape.groupOut() * pixels * shape.groupIn();
    float[] wide = workers.callers().large(5, size);
    workers.run(
        (size + PART - 1) / PART,
        (task, scratch) -> {
          int from = task * PART;
          int count = Math.min(PART, size - from);
          Conversions.widen(weight, (long) group * size + from, wide, from, count);
        });
    return turned
        ? new KernelWeights(wide, shape.groupOut(), shape.groupIn(), pixels, true)
        : new KernelWeights(wide, shape.groupIn(), shape.groupOut(), pixels, false);
  }

  /** The weight between input {@code i} and result {@code o}. */
  private int index(int o, int pixel, int i) {
    return turned ? (i * pixels + pixel) * out + o : (o * pixels + pixel) * in + i;
  }

  /** Elements of all {@link #panel}s. */
  int panelsSize(Taps taps) {
    return Math.multiplyExact(ConvolutionBlocks.padded(out), taps.all().size() * in);
  }

  /** How many {@link #panel}s there are. */
  int panels() {
    return (out + WIDTH - 1) / WIDTH;
  }

  /**
   * A panel of results, in the order in which {@link ConvolutionBlocks#rows} reads them: for each
   * tap and input the panel's results side by side, 0 beyond the last. It stands behind the panels
   * before it.
   */
  void panel(Taps taps, int index, float[] to) {
    int n = index * WIDTH;
    int width = Math.min(WIDTH, ConvolutionBlocks.padded(out) - n);
    int count = Math.min(width, out - n);
    int at = n * taps.all().size() * in;
    for (Taps.Tap tap : taps.all()) {
      for (int i = 0; i < in; i++) {
        for (int o = 0; o < count; o++) {
          to[at + o] = wide[index(n + o, tap.kernel(), i)];
        }
        Arrays.fill(to, at + count, at + width, 0f);
        at += width;
      }
    }
  }

  /**
   * The weights of a vector of results and {@code count} inputs of a 3×3 kernel: for each of its
   * pixels and inputs the results side by side, {@code (pixel·LANES + input)·LANES}; turned by half
   * a turn where the weights are.
   */
  void block(int firstOut, int firstIn, int count, float[] to, float[] between) {
    int lanes = Lanes.COUNT;
    int outs = Math.min(lanes, out - firstOut);
    if (outs < lanes) {
      Arrays.fill(to, 0, pixels * lanes * lanes, 0f);
    }
    for (int pixel = 0; pixel < pixels; pixel++) {
      int from = turned ? pixels - 1 - pixel : pixel;
      int at = pixel * lanes * lanes;
      if (turned) {
        for (int i = 0; i < count; i++) {
          System.arraycopy(wide, index(firstOut, from, firstIn + i), to, at + i * lanes, outs);
        }
        continue;
      }
      for (int o = 0; o < outs; o++) {
        System.arraycopy(wide, index(firstOut + o, from, firstIn), between, o * lanes, count);
      }
      for (int i = 0; i < count; i++) {
        for (int o = 0; o < outs; o++) {
          to[at + i * lanes + o] = between[o * lanes + i];
        }
      }
    }
  }
}
