package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Resampling;
import dev.mezzo.backend.Resampling.Mode;
import dev.mezzo.backend.ResamplingKernels;

/** Images in another size, an element of y at a time. */
final class Resamplings implements ResamplingKernels {

  /** A part of an element of y: {@code weight} times an element of x. */
  private interface Part {
    void visit(int y, int x, double weight);
  }

  @Override
  public void forward(Resampling r, Operand x, Operand y) {
    float[] in = Values.read(x);
    double[] out = new double[Values.length(y)];
    each(r, (to, from, weight) -> out[to] += weight * in[from]);
    write(out, y);
  }

  @Override
  public void gradient(Resampling r, Operand dy, Operand dx) {
    float[] out = Values.read(dy);
    double[] sums = new double[Values.length(dx)];
    each(r, (from, to, weight) -> sums[to] += weight * out[from]);
    write(sums, dx);
  }

  private static void each(Resampling r, Part part) {
    int y = 0;
    for (int n = 0; n < r.batch(); n++) {
      for (int i = 0; i < r.outHeight(); i++) {
        double row = place(r.mode(), i, r.height(), r.outHeight());
        for (int j = 0; j < r.outWidth(); j++) {
          double column = place(r.mode(), j, r.width(), r.outWidth());
          for (int c = 0; c < r.channels(); c++) {
            pixel(r, n, row, column, c, y++, part);
          }
        }
      }
    }
  }

  /** The four pixels around a place, those that count. */
  private static void pixel(
      Resampling r, int n, double row, double column, int channel, int y, Part part) {
    for (int down = 0; down < 2; down++) {
      for (int across = 0; across < 2; across++) {
        double weight = nearness(row, down) * nearness(column, across);
        if (weight > 0) {
          int i = Math.min((int) row + down, r.height() - 1);
          int j = Math.min((int) column + across, r.width() - 1);
          part.visit(y, ((n * r.height() + i) * r.width() + j) * r.channels() + channel, weight);
        }
      }
    }
  }

  private static double nearness(double place, int beside) {
    double past = place - Math.floor(place);
    return beside == 0 ? 1 - past : past;
  }

  private static double place(Mode mode, int i, int n, int m) {
    return switch (mode) {
      case NEAREST -> Math.floorDiv((long) i * n, m);
      case BILINEAR -> Math.max((i + 0.5) * n / m - 0.5, 0);
      case BILINEAR_CORNERS -> m == 1 ? 0 : (double) i * (n - 1) / (m - 1);
    };
  }

  private static void write(double[] values, Operand to) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) values[i];
    }
    Values.write(rounded, to);
  }
}
