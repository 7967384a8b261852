package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Recurrence;
import dev.mezzo.backend.Recurrence.Cell;
import dev.mezzo.backend.RecurrentKernels;

/** Recurrent layers, one sequence and one direction after the other. */
final class Recurrences implements RecurrentKernels {

  @Override
  public void forward(Recurrence r, Operand gates, Weights weights, Operand y, Operand saved) {
    Run run =
        new Run(
            r,
            weights,
            Values.read(gates),
            new float[Values.length(y)],
            new float[Values.length(saved)]);
    for (int sequence = 0; sequence < r.batch() * r.directions(); sequence++) {
      run.forward(sequence % r.batch(), sequence / r.batch());
    }
    Values.write(run.y, y);
    Values.write(run.saved, saved);
  }

  @Override
  public void gradient(
      Recurrence r, Weights weights, Results results, Operand dGates, Weights dWeights) {
    Run run =
        new Run(
            r,
            weights,
            new float[Values.length(dGates)],
            Values.read(results.y()),
            Values.read(results.saved()));
    float[] dy = Values.read(results.dy());
    for (int sequence = 0; sequence < r.batch() * r.directions(); sequence++) {
      run.backward(sequence % r.batch(), sequence / r.batch(), dy);
    }
    Values.write(run.gates, dGates);
    Values.write(run.dWeight(Values.read(dGates)), dWeights.weight());
    if (dWeights.initial() != null) {
      Values.write(run.initial, dWeights.initial());
    }
    if (r.cell() == Cell.GRU) {
      Values.write(run.dBias(), dWeights.bias());
    }
  }

  /** The arrays of a call. */
  private static final class Run {
    private final Recurrence r;
    private final int hidden;
    private final int count;
    private final float[] weight;
    private final float[] bias;
    private final int[] lengths;
    private final float[] gates;
    private final float[] y;
    private final float[] saved;

    /** The state to begin with; empty where it is 0. */
    private final float[] begin;

    /** The same; going back, it becomes its gradient. */
    private final float[] initial;

    /** GRU's gradient of the recurrent part of the candidate. */
    private final double[] dCandidate;

    Run(Recurrence r, Weights weights, float[] gates, float[] y, float[] saved) {
      this.r = r;
      this.hidden = r.hidden();
      this.count = r.cell().gates();
      this.weight = Values.read(weights.weight());
      this.bias = Values.read(weights.bias());
      this.begin = weights.initial() == null ? new float[0] : Values.read(weights.initial());
      this.initial = begin.clone();
      this.lengths = r.lengths() == null ? new int[0] : Values.readInts(r.lengths());
      this.gates = gates;
      this.y = y;
      this.saved = saved;
      this.dCandidate = new double[y.length];
    }

    private int length(int batch) {
      return lengths.length == 0 ? r.time() : Math.clamp(lengths[batch], 0, r.time());
    }

    private int row(int direction, int step, int batch) {
      return r.time(direction, step) * r.batch() + batch;
    }

    private boolean active(int direction, int step, int batch) {
      return r.time(direction, step) < length(batch);
    }

    void forward(int batch, int direction) {
      double[] h = state(initial, 0, 0, batch, direction);
      double[] c = state(initial, 0, 1, batch, direction);
      for (int step = 0; step < r.time(); step++) {
        if (active(direction, step, batch)) {
          int row = row(direction, step, batch);
          double[] recurrent = recurrent(direction, h);
          for (int u = 0; u < hidden; u++) {
            h[u] = unit(row, direction, u, recurrent, h[u], c);
            y[row * r.stride() + direction * hidden + u] = (float) h[u];
          }
        }
      }
      leave(h, y, r.time(), 0, batch, direction);
      leave(c, y, r.time(), 1, batch, direction);
    }

    /** The numbers of a state of a sequence and direction, behind so many time steps. */
    private double[] state(float[] from, int steps, int which, int batch, int direction) {
      double[] state = new double[hidden];
      int at = stateAt(steps, which, batch, direction);
      for (int u = 0; u < hidden && which < r.cell().states() && initial.length > 0; u++) {
        state[u] = from[at + u];
      }
      return state;
    }

    private void leave(double[] state, float[] to, int steps, int which, int batch, int direction) {
      int at = stateAt(steps, which, batch, direction);
      for (int u = 0; u < hidden && which < r.cell().states() && initial.length > 0; u++) {
        to[at + u] = (float) state[u];
      }
    }

    private int stateAt(int steps, int which, int batch, int direction) {
      return ((steps + which) * r.batch() + batch) * r.stride() + direction * hidden;
    }

    private double[] recurrent(int direction, double[] h) {
      double[] sums = new double[count * hidden];
      for (int g = 0; g < sums.length; g++) {
        int at = (direction * count * hidden + g) * hidden;
        for (int k = 0; k < hidden; k++) {
          sums[g] += weight[at + k] * h[k];
        }
      }
      return sums;
    }

    private double unit(
        int row, int direction, int u, double[] recurrent, double before, double[] c) {
      double[] x = new double[count];
      for (int g = 0; g < count; g++) {
        x[g] = gates[gate(row, direction, g) + u];
      }
      return switch (r.cell()) {
        case TANH -> Math.tanh(x[0] + recurrent[u]);
        case RELU -> Math.max(x[0] + recurrent[u], 0);
        case LSTM -> {
          double i = sigmoid(x[0] + recurrent[u]);
          double f = sigmoid(x[1] + recurrent[hidden + u]);
          double g = Math.tanh(x[2] + recurrent[2 * hidden + u]);
          double o = sigmoid(x[3] + recurrent[3 * hidden + u]);
          c[u] = f * c[u] + i * g;
          save(row, direction, u, i, f, g, o, c[u]);
          yield o * Math.tanh(c[u]);
        }
        case GRU -> {
          double reset = sigmoid(x[0] + recurrent[u]);
          double z = sigmoid(x[1] + recurrent[hidden + u]);
          double hn = recurrent[2 * hidden + u] + bias[direction * hidden + u];
          double n = Math.tanh(x[2] + reset * hn);
          save(row, direction, u, reset, z, n, hn);
          yield n + z * (before - n);
        }
      };
    }

    private int gate(int row, int direction, int gate) {
      return row * r.gateStride() + (direction * count + gate) * hidden;
    }

    private void save(int row, int direction, int u, double... values) {
      for (int s = 0; s < values.length; s++) {
        saved[savedAt(row, direction, s) + u] = (float) values[s];
      }
    }

    private int savedAt(int row, int direction, int s) {
      return row * r.savedStride() + (direction * r.cell().saved() + s) * hidden;
    }

    /** Whether a sequence begins at a step: going back in time, at its end. */
    private boolean begins(int direction, int step, int batch) {
      return step == 0 || !active(direction, step - 1, batch);
    }

    /** The stored result of the step before, or the initial one. */
    private double before(int direction, int step, int batch, int u) {
      return begins(direction, step, batch)
          ? begun(0, direction, batch, u)
          : y[row(direction, step - 1, batch) * r.stride() + direction * hidden + u];
    }

    private double begun(int which, int direction, int batch, int u) {
      return begin.length == 0 ? 0 : begin[stateAt(0, which, batch, direction) + u];
    }

    void backward(int batch, int direction, float[] dy) {
      double[] dh = state(dy, r.time(), 0, batch, direction);
      double[] dc = state(dy, r.time(), 1, batch, direction);
      for (int step = r.time() - 1; step >= 0; step--) {
        if (!active(direction, step, batch)) {
          continue;
        }
        int row = row(direction, step, batch);
        double[] d = new double[count * hidden];
        for (int u = 0; u < hidden; u++) {
          double total = dh[u] + dy[row * r.stride() + direction * hidden + u];
          dh[u] = slopes(row, direction, step, batch, u, total, dc, d);
        }
        for (int g = 0; g < d.length; g++) {
          int at = (direction * count * hidden + g) * hidden;
          for (int k = 0; k < hidden; k++) {
            dh[k] += weight[at + k] * d[g];
          }
        }
      }
      leave(dh, initial, 0, 0, batch, direction);
      leave(dc, initial, 0, 1, batch, direction);
    }

    /**
     * One unit: its gates' gradients, and in {@code d} those of what the weights gave; returns what
     * goes to the step before past the weights.
     */
    private double slopes(
        int row, int direction, int step, int batch, int u, double dh, double[] dc, double[] d) {
      double out = y[row * r.stride() + direction * hidden + u];
      double[] s = new double[r.cell().saved()];
      for (int k = 0; k < s.length; k++) {
        s[k] = saved[savedAt(row, direction, k) + u];
      }
      double past = 0;
      switch (r.cell()) {
        case TANH -> d[u] = dh * (1 - out * out);
        case RELU -> d[u] = out > 0 ? dh : 0;
        case LSTM -> {
          double cell = Math.tanh(s[4]);
          double cBefore =
              begins(direction, step, batch)
                  ? begun(1, direction, batch, u)
                  : saved[savedAt(row(direction, step - 1, batch), direction, 4) + u];
          double sum = dc[u] + dh * s[3] * (1 - cell * cell);
          d[u] = sum * s[2] * s[0] * (1 - s[0]);
          d[hidden + u] = sum * cBefore * s[1] * (1 - s[1]);
          d[2 * hidden + u] = sum * s[0] * (1 - s[2] * s[2]);
          d[3 * hidden + u] = dh * cell * s[3] * (1 - s[3]);
          dc[u] = sum * s[1];
        }
        case GRU -> {
          double dn = dh * (1 - s[1]) * (1 - s[2] * s[2]);
          d[u] = dn * s[3] * s[0] * (1 - s[0]);
          d[hidden + u] = dh * (before(direction, step, batch, u) - s[2]) * s[1] * (1 - s[1]);
          d[2 * hidden + u] = dn * s[0];
          dCandidate[row * r.stride() + direction * hidden + u] = dn * s[0];
          gates[gate(row, direction, 2) + u] = (float) dn;
          past = dh * s[1];
        }
      }
      for (int g = 0; g < (r.cell() == Cell.GRU ? 2 : count); g++) {
        gates[gate(row, direction, g) + u] = (float) d[g * hidden + u];
      }
      return past;
    }

    float[] dWeight(float[] dGates) {
      double[] sums = new double[weight.length];
      for (int direction = 0; direction < r.directions(); direction++) {
        for (int step = begin.length == 0 ? 1 : 0; step < r.time(); step++) {
          for (int batch = 0; batch < r.batch(); batch++) {
            int row = row(direction, step, batch);
            for (int g = 0; g < count * hidden; g++) {
              boolean candidate = r.cell() == Cell.GRU && g >= 2 * hidden;
              double d =
                  candidate
                      ? dCandidate[row * r.stride() + direction * hidden + g - 2 * hidden]
                      : dGates[gate(row, direction, 0) + g];
              for (int k = 0; k < hidden; k++) {
                sums[(direction * count * hidden + g) * hidden + k] +=
                    d * before(direction, step, batch, k);
              }
            }
          }
        }
      }
      return floats(sums);
    }

    float[] dBias() {
      double[] sums = new double[bias.length];
      for (int i = 0; i < dCandidate.length; i++) {
        sums[i % sums.length] += dCandidate[i];
      }
      return floats(sums);
    }

    private static float[] floats(double[] values) {
      float[] rounded = new float[values.length];
      for (int i = 0; i < rounded.length; i++) {
        rounded[i] = (float) values[i];
      }
      return rounded;
    }

    private static double sigmoid(double x) {
      return 1 / (1 + Math.exp(-x));
    }
  }
}
