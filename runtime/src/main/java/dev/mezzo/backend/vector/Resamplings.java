package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Resampling;
import dev.mezzo.backend.ResamplingKernels;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Images in another size. A task is a row of the result: rows are mixed first, whole, then pixels
 * within the mixed row; the gradient does the same turned round, so no two tasks write to one
 * element.
 */
final class Resamplings implements ResamplingKernels {

  private static final int LANES = Lanes.COUNT;

  private final Workers workers;

  Resamplings(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void forward(Resampling r, Operand x, Operand y) {
    if (y.size() == 0) {
      return;
    }
    ResamplingTaps down = ResamplingTaps.of(r.mode(), r.height(), r.outHeight());
    ResamplingTaps across = ResamplingTaps.of(r.mode(), r.width(), r.outWidth());
    int in = r.width() * r.channels();
    int out = r.outWidth() * r.channels();
    workers.run(
        r.batch() * r.outHeight(),
        (task, s) -> {
          int image = task / r.outHeight();
          int i = task % r.outHeight();
          float[] row = s.large(0, in);
          float[] next = s.large(1, in);
          float[] result = s.large(2, out);
          long top = (long) image * r.height();
          Conversions.widen(x, (top + down.first()[i]) * in, row, 0, in);
          if (down.share()[i] != 0) {
            Conversions.widen(x, (top + down.second()[i]) * in, next, 0, in);
            mix(row, next, down.share()[i], in);
          }
          across(row, across, r.channels(), result);
          Conversions.narrow(result, 0, y, (long) task * out, out, s.halves(out));
        });
  }

  @Override
  public void gradient(Resampling r, Operand dy, Operand dx) {
    if (dx.size() == 0) {
      return;
    }
    ResamplingTaps down = ResamplingTaps.of(r.mode(), r.height(), r.outHeight());
    ResamplingTaps across = ResamplingTaps.of(r.mode(), r.width(), r.outWidth());
    int in = r.width() * r.channels();
    int out = r.outWidth() * r.channels();
    workers.run(
        r.batch() * r.height(),
        (task, s) -> {
          int pixel = task % r.height();
          long top = (long) (task / r.height()) * r.outHeight();
          float[] sums = s.large(0, out);
          float[] row = s.large(1, out);
          float[] result = s.large(2, in);
          Arrays.fill(sums, 0, out, 0f);
          for (int i = down.from(pixel); i < r.outHeight() && down.first()[i] <= pixel; i++) {
            float weight = down.weight(i, pixel);
            if (weight != 0) {
              Conversions.widen(dy, (top + i) * out, row, 0, out);
              add(row, 0, weight, sums, 0, out);
            }
          }
          Arrays.fill(result, 0, in, 0f);
          for (int j = 0; j < r.outWidth(); j++) {
            float share = across.share()[j];
            int from = j * r.channels();
            add(sums, from, 1 - share, result, across.first()[j] * r.channels(), r.channels());
            if (share != 0) {
              add(sums, from, share, result, across.second()[j] * r.channels(), r.channels());
            }
          }
          Conversions.narrow(result, 0, dx, (long) task * in, in, s.halves(in));
        });
  }

  /**
   * A row's pixels, in the order of y: what is written beyond a pixel's end the next one
   * overwrites.
   */
  private static void across(float[] row, ResamplingTaps taps, int channels, float[] to) {
    for (int j = 0; j < taps.share().length; j++) {
      int a = taps.first()[j] * channels;
      int b = taps.second()[j] * channels;
      int at = j * channels;
      float share = taps.share()[j];
      if (share == 0) {
        for (int i = 0; i < channels; i += LANES) {
          fromArray(FLOATS, row, a + i).intoArray(to, at + i);
        }
      } else {
        for (int i = 0; i < channels; i += LANES) {
          FloatVector left = fromArray(FLOATS, row, a + i).mul(1 - share);
          fromArray(FLOATS, row, b + i).fma(broadcast(FLOATS, share), left).intoArray(to, at + i);
        }
      }
    }
  }

  /** a = (1 − share)·a + share·b. */
  private static void mix(float[] a, float[] b, float share, int n) {
    float rest = 1 - share;
    for (int i = 0; i < n; i++) {
      a[i] = rest * a[i] + share * b[i];
    }
  }

  /** to += factor·x. */
  private static void add(float[] x, int from, float factor, float[] to, int at, int n) {
    for (int i = 0; i < n; i++) {
      to[at + i] += factor * x[from + i];
    }
  }
}
