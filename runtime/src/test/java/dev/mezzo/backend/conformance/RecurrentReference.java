package dev.mezzo.backend.conformance;

import static dev.mezzo.backend.conformance.Approximate.ZERO;
import static dev.mezzo.backend.conformance.Approximate.exactly;

import dev.mezzo.backend.Recurrence;
import dev.mezzo.backend.Recurrence.Cell;
import dev.mezzo.types.DType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Recurrent layers, from their formulas, with running bounds of the error. Sequences and directions
 * are independent; here a sequence of a direction is cut to its length, and run in the order of its
 * time.
 */
final class RecurrentReference {

  private final Recurrence r;
  private final int hidden;
  private final int gates;
  private final double[] weight;
  private final double[] bias;
  private final int @Nullable [] lengths;
  private final Approximate[] candidates;

  /** What forward gives; ZERO behind an end. */
  record Forward(Approximate[] y, Approximate[] saved) {}

  /** What backward gives. */
  record Backward(Approximate[] gates) {}

  RecurrentReference(Recurrence r, double[] weight, double[] bias, int @Nullable [] lengths) {
    this.r = r;
    this.hidden = r.hidden();
    this.gates = r.cell().gates();
    this.weight = weight;
    this.bias = bias;
    this.lengths = lengths;
    this.candidates = zeros(r.stride());
  }

  private Approximate[] zeros(int stride) {
    Approximate[] all = new Approximate[r.time() * r.batch() * stride];
    Arrays.fill(all, ZERO);
    return all;
  }

  /** Rows of a sequence in the order in which a direction reads them. */
  private int[] rows(int batch, int direction) {
    int length = lengths == null ? r.time() : lengths[batch];
    int[] rows = new int[length];
    for (int i = 0; i < length; i++) {
      rows[i] = (direction == 0 ? i : length - 1 - i) * r.batch() + batch;
    }
    return rows;
  }

  Forward forward(double[] x) {
    Approximate[] y = zeros(r.stride());
    Approximate[] saved = zeros(r.savedStride());
    for (int d = 0; d < r.directions(); d++) {
      for (int b = 0; b < r.batch(); b++) {
        Approximate[] h = new Approximate[hidden];
        Approximate[] c = new Approximate[hidden];
        Arrays.fill(h, ZERO);
        Arrays.fill(c, ZERO);
        for (int row : rows(b, d)) {
          Approximate[] before = h.clone();
          for (int u = 0; u < hidden; u++) {
            Approximate[] s = unit(x, row, d, u, before, c);
            h[u] = s[s.length - 1];
            y[row * r.stride() + d * hidden + u] = h[u];
            for (int k = 0; k < r.cell().saved(); k++) {
              saved[savedAt(row, d, k, u)] = s[k];
            }
          }
        }
      }
    }
    return new Forward(y, saved);
  }

  private int savedAt(int row, int d, int k, int u) {
    return row * r.savedStride() + (d * r.cell().saved() + k) * hidden + u;
  }

  private int gateAt(int row, int d, int g, int u) {
    return row * r.gateStride() + (d * gates + g) * hidden + u;
  }

  private Approximate recurrent(int d, int g, int u, Approximate[] h) {
    Approximate[] w = new Approximate[hidden];
    for (int k = 0; k < hidden; k++) {
      w[k] = exactly(weight[((d * gates + g) * hidden + u) * hidden + k]);
    }
    return Approximate.dot(w, h);
  }

  /** What is saved, then the result. */
  private Approximate[] unit(double[] x, int row, int d, int u, Approximate[] h, Approximate[] c) {
    Approximate[] in = new Approximate[gates];
    Approximate[] rec = new Approximate[gates];
    for (int g = 0; g < gates; g++) {
      in[g] = exactly(x[gateAt(row, d, g, u)]);
      rec[g] = recurrent(d, g, u, h);
    }
    return switch (r.cell()) {
      case TANH -> new Approximate[] {in[0].plus(rec[0]).tanh()};
      case RELU -> new Approximate[] {in[0].plus(rec[0]).relu()};
      case LSTM -> {
        Approximate i = in[0].plus(rec[0]).sigmoid();
        Approximate f = in[1].plus(rec[1]).sigmoid();
        Approximate g = in[2].plus(rec[2]).tanh();
        Approximate o = in[3].plus(rec[3]).sigmoid();
        c[u] = f.times(c[u]).plus(i.times(g));
        yield new Approximate[] {i, f, g, o, c[u], o.times(c[u].tanh())};
      }
      case GRU -> {
        Approximate reset = in[0].plus(rec[0]).sigmoid();
        Approximate z = in[1].plus(rec[1]).sigmoid();
        Approximate hn = rec[2].plus(exactly(bias[d * hidden + u]));
        Approximate n = in[2].plus(reset.times(hn)).tanh();
        yield new Approximate[] {reset, z, n, hn, n.plus(z.times(h[u].minus(n)))};
      }
    };
  }

  Backward gradient(double[] dy, double[] y, double[] saved, DType dtype) {
    double u16 = dtype == DType.FP32 ? 0x1p-24 : dtype == DType.FP16 ? 0x1p-11 : 0x1p-8;
    Approximate[] dx = zeros(r.gateStride());
    for (int d = 0; d < r.directions(); d++) {
      for (int b = 0; b < r.batch(); b++) {
        int[] rows = rows(b, d);
        Approximate[] dh = new Approximate[hidden];
        Approximate[] dc = new Approximate[hidden];
        Arrays.fill(dh, ZERO);
        Arrays.fill(dc, ZERO);
        for (int step = rows.length - 1; step >= 0; step--) {
          int row = rows[step];
          int before = step == 0 ? -1 : rows[step - 1];
          Approximate[] slopes = new Approximate[gates * hidden];
          for (int u = 0; u < hidden; u++) {
            Approximate up = dh[u].plus(exactly(dy[row * r.stride() + d * hidden + u]));
            dh[u] = slopes(row, before, d, u, up, dc, y, saved, slopes, dx);
            if (r.cell() == Cell.GRU) {
              candidates[row * r.stride() + d * hidden + u] = slopes[2 * hidden + u].rounded(u16);
            }
          }
          for (int k = 0; k < hidden; k++) {
            Approximate[] w = new Approximate[slopes.length];
            for (int g = 0; g < w.length; g++) {
              w[g] = exactly(weight[(d * slopes.length + g) * hidden + k]);
            }
            dh[k] = dh[k].plus(Approximate.dot(w, slopes));
          }
        }
      }
    }
    return new Backward(dx);
  }

  /** Returns what goes past the weights to the step before. */
  private Approximate slopes(
      int row,
      int before,
      int d,
      int u,
      Approximate up,
      Approximate[] dc,
      double[] y,
      double[] saved,
      Approximate[] slopes,
      Approximate[] dx) {
    Approximate[] s = new Approximate[r.cell().saved()];
    for (int k = 0; k < s.length; k++) {
      s[k] = exactly(saved[savedAt(row, d, k, u)]);
    }
    Approximate out = exactly(y[row * r.stride() + d * hidden + u]);
    Approximate past = ZERO;
    switch (r.cell()) {
      case TANH -> slopes[u] = up.times(out.slopeOfTanh());
      case RELU -> slopes[u] = out.value() > 0 ? up : ZERO;
      case LSTM -> {
        Approximate cBefore = before < 0 ? ZERO : exactly(saved[savedAt(before, d, 4, u)]);
        Approximate tanh = s[4].tanh();
        Approximate sum = dc[u].plus(up.times(s[3]).times(tanh.slopeOfTanh()));
        slopes[u] = sum.times(s[2]).times(s[0].slopeOfSigmoid());
        slopes[hidden + u] = sum.times(cBefore).times(s[1].slopeOfSigmoid());
        slopes[2 * hidden + u] = sum.times(s[0]).times(s[2].slopeOfTanh());
        slopes[3 * hidden + u] = up.times(tanh).times(s[3].slopeOfSigmoid());
        dc[u] = sum.times(s[1]);
      }
      case GRU -> {
        Approximate h = before < 0 ? ZERO : exactly(y[before * r.stride() + d * hidden + u]);
        Approximate dn = up.times(exactly(1).minus(s[1])).times(s[2].slopeOfTanh());
        slopes[u] = dn.times(s[3]).times(s[0].slopeOfSigmoid());
        slopes[hidden + u] = up.times(h.minus(s[2])).times(s[1].slopeOfSigmoid());
        slopes[2 * hidden + u] = dn.times(s[0]);
        dx[gateAt(row, d, 2, u)] = dn;
        past = up.times(s[1]);
      }
    }
    for (int g = 0; g < (r.cell() == Cell.GRU ? 2 : gates); g++) {
      dx[gateAt(row, d, g, u)] = slopes[g * hidden + u];
    }
    return past;
  }

  /** Of the gates' gradients as they were stored. */
  Approximate[] weightGradient(double[] dx, double[] y) {
    Approximate[] sums = new Approximate[weight.length];
    Arrays.fill(sums, ZERO);
    for (int d = 0; d < r.directions(); d++) {
      for (int g = 0; g < gates * hidden; g++) {
        for (int k = 0; k < hidden; k++) {
          sums[(d * gates * hidden + g) * hidden + k] = product(d, g, k, dx, y);
        }
      }
    }
    return sums;
  }

  private Approximate product(int d, int g, int k, double[] dx, double[] y) {
    Approximate[] slopes = new Approximate[r.time() * r.batch()];
    Approximate[] results = new Approximate[slopes.length];
    Arrays.fill(slopes, ZERO);
    Arrays.fill(results, ZERO);
    for (int b = 0; b < r.batch(); b++) {
      int[] rows = rows(b, d);
      for (int step = 1; step < rows.length; step++) {
        int row = rows[step];
        boolean candidate = r.cell() == Cell.GRU && g >= 2 * hidden;
        slopes[row] =
            candidate
                ? candidates[row * r.stride() + d * hidden + g - 2 * hidden]
                : exactly(dx[gateAt(row, d, 0, g)]);
        results[row] = exactly(y[rows[step - 1] * r.stride() + d * hidden + k]);
      }
    }
    return Approximate.dot(slopes, results);
  }

  Approximate[] biasGradient() {
    Approximate[] sums = new Approximate[bias.length];
    Approximate[] ones = new Approximate[r.time() * r.batch()];
    Arrays.fill(ones, exactly(1));
    for (int i = 0; i < sums.length; i++) {
      Approximate[] column = new Approximate[ones.length];
      for (int row = 0; row < column.length; row++) {
        column[row] = candidates[row * sums.length + i];
      }
      sums[i] = Approximate.dot(column, ones);
    }
    return sums;
  }
}
