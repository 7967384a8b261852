package dev.mezzo.backend.vector;

import dev.mezzo.backend.ConvolutionShape;
import dev.mezzo.backend.Operand;
import java.util.Arrays;
import java.util.List;

/**
 * The weights (outChannels, pixels of the kernel, in), widened, as the convolution or its gradient
 * by x reads them: of each group {@code out} results of {@code in} numbers each.
 *
 * @param wide the weights, as they are stored
 * @param pixels of the kernel
 * @param turned whether results are the inputs' channels, as in the gradient by x
 */
record KernelWeights(float[] wide, int groups, int in, int out, int pixels, boolean turned) {

  /** Results of a panel. */
  private static final int WIDTH = ConvolutionBlocks.VECTORS * Lanes.COUNT;

  /** Inputs that are put in their places together: a cache line of weights. */
  private static final int BLOCK = 16;

  /** Elements that a task widens. */
  private static final int PART = 1 << 15;

  /** Widened by all threads, to array 5 of the caller's. */
  static KernelWeights of(ConvolutionShape shape, Operand weight, boolean turned, Workers workers) {
    int groups = shape.geometry().groups();
    int pixels = shape.kernelHeight() * shape.kernelWidth();
    int size = Math.toIntExact(shape.weightSize());
    float[] wide = workers.callers().large(5, size);
    workers.run(
        (size + PART - 1) / PART,
        (task, scratch) -> {
          int from = task * PART;
          int count = Math.min(PART, size - from);
          Conversions.widen(weight, from, wide, from, count);
        });
    return turned
        ? new KernelWeights(wide, groups, shape.groupOut(), shape.groupIn(), pixels, true)
        : new KernelWeights(wide, groups, shape.groupIn(), shape.groupOut(), pixels, false);
  }

  /** The weight between a group's input {@code i} and result {@code o}. */
  private int index(int group, int o, int pixel, int i) {
    int ofGroup = turned ? (i * pixels + pixel) * out + o : (o * pixels + pixel) * in + i;
    return group * in * out * pixels + ofGroup;
  }

  /**
   * Elements of a pixel of the results, group by group: room for whole vectors in the last one. In
   * others the vectors' surplus is written over by the next group.
   */
  int resultsWide() {
    return ConvolutionBlocks.padded((groups - 1) * out + wideOut());
  }

  /** A group's results, in whole vectors. */
  int wideOut() {
    return ConvolutionBlocks.padded(out);
  }

  /** Elements of all {@link #panel}s of a group. */
  int panelsSize(Taps taps) {
    return Math.multiplyExact(wideOut(), taps.size() * in);
  }

  /** All {@link #panel}s, group by group, in {@code to}, made by all threads. */
  void panels(Taps taps, float[] to, Workers workers) {
    workers.run(groups * panels(), (panel, scratch) -> panel(taps, panel, to));
  }

  /** All {@link #panel}s, group by group. */
  float[] panels(Taps taps) {
    float[] made = new float[Math.multiplyExact(groups, panelsSize(taps))];
    for (int panel = 0; panel < groups * panels(); panel++) {
      panel(taps, panel, made);
    }
    return made;
  }

  /** How many {@link #panel}s a group has. */
  private int panels() {
    return (out + WIDTH - 1) / WIDTH;
  }

  /**
   * A panel of a group's results, in the order in which {@link ConvolutionBlocks#rows} reads them:
   * for each tap and input the panel's results side by side, 0 beyond the last. It stands behind
   * the panels before it, phase by phase of the taps.
   */
  private void panel(Taps taps, int index, float[] to) {
    int group = index / panels();
    int n = index % panels() * WIDTH;
    int width = Math.min(WIDTH, wideOut() - n);
    int count = Math.min(width, out - n);
    int at = group * panelsSize(taps);
    for (List<Taps.Tap> phase : taps.phases()) {
      int size = phase.size() * in;
      int next = at + size * wideOut();
      at += n * size;
      for (Taps.Tap tap : phase) {
        for (int i = 0; i < in; i += BLOCK) {
          int inputs = Math.min(BLOCK, in - i);
          for (int o = 0; o < count && !turned; o++) {
            turn(index(group, n + o, tap.kernel(), i), inputs, to, at + o, width);
          }
          for (int k = 0; k < inputs; k++) {
            if (turned) {
              System.arraycopy(wide, index(group, n, tap.kernel(), i + k), to, at, count);
            }
            Arrays.fill(to, at + count, at + width, 0f);
            at += width;
          }
        }
      }
      at = next;
    }
  }

  private void turn(int from, int count, float[] to, int at, int step) {
    for (int k = 0; k < count; k++) {
      to[at + k * step] = wide[from + k];
    }
  }

  /**
   * A group's weights of a vector of results and {@code count} inputs of a 3×3 kernel: for each of
   * its pixels and inputs the results side by side, {@code (pixel·LANES + input)·LANES}; turned by
   * half a turn where the weights are.
   */
  void block(int group, int firstOut, int firstIn, int count, float[] to, float[] between) {
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
          System.arraycopy(
              wide, index(group, firstOut, from, firstIn + i), to, at + i * lanes, outs);
        }
        continue;
      }
      for (int o = 0; o < outs; o++) {
        System.arraycopy(
            wide, index(group, firstOut + o, from, firstIn), between, o * lanes, count);
      }
      for (int i = 0; i < count; i++) {
        for (int o = 0; o < outs; o++) {
          to[at + i * lanes + o] = between[o * lanes + i];
        }
      }
    }
  }
}
