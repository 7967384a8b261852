package dev.mezzo.backend.vector;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Recurrence;
import dev.mezzo.backend.Recurrence.Cell;
import dev.mezzo.backend.RecurrentKernels.Results;
import dev.mezzo.backend.Unary;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A step back through time of a block of units: what the step after sends back through the weights,
 * and the slopes of the cells. Carried 0 holds what goes past the weights, 1 LSTM's gradient of c.
 */
final class RecurrentBackward {

  private static final int LINES = TileProduct.LINES;

  private final Recurrence r;
  private final RecurrentState state;
  private final int block;
  private final int step;
  private final Scratch scratch;
  private final int direction;
  private final int tile;

  /** What comes back through the weights: two panels. */
  private final float[] dh;

  /** The gradient of the result; then what goes past the weights to the step before. */
  private final float[] own;

  private final float[] saved;
  private final float[] before;
  private final float[] d;
  private final float[] buffer;
  private final float[] tanh;
  private final float[] passed;
  private final float[] dc;

  RecurrentBackward(Recurrence r, RecurrentState state, int block, int step, Scratch scratch) {
    this.r = r;
    this.state = state;
    this.block = block;
    this.step = step;
    this.scratch = scratch;
    this.direction = state.direction(block);
    this.tile = state.tile();
    this.dh = scratch.large(0, 2 * tile);
    this.own = scratch.large(1, tile);
    this.saved = scratch.large(2, 5 * tile);
    this.before = scratch.large(3, tile);
    this.d = scratch.large(4, 4 * tile);
    this.buffer = scratch.large(5, tile);
    this.tanh = scratch.large(6, tile);
    this.passed = scratch.large(7, tile);
    this.dc = scratch.large(8, tile);
  }

  void run(Results results, @Nullable Operand initial, Operand dGates, Operand candidate) {
    state.multiply(block, r.time() - 1 - step, dh);
    for (int panel = 0; panel < 2; panel++) {
      int unit = state.unit(block) + panel * LINES;
      int units = Math.min(LINES, r.hidden() - unit);
      if (units <= 0) {
        return;
      }
      panel(results, initial, panel, unit, units);
      send(dGates, candidate, unit, units);
    }
  }

  private int row(int at) {
    return r.time(direction, at) * r.batch();
  }

  private void load(Operand x, int at, int stride, int column, int units, float[] to, int tileAt) {
    long from = (long) row(at) * stride + column;
    PanelMemory.load(x, from, stride, r.batch(), units, to, tileAt, scratch);
  }

  private void panel(Results results, @Nullable Operand initial, int panel, int unit, int units) {
    float[] past = state.carried(0);
    int at = state.carriedAt(block, panel);
    int column = direction * r.hidden() + unit;
    System.arraycopy(dh, panel * tile, passed, 0, tile);
    System.arraycopy(past, at, buffer, 0, tile);
    RecurrentCells.add(passed, 0, buffer, tile);
    load(results.dy(), step, r.stride(), column, units, own, 0);
    RecurrentCells.add(own, 0, passed, tile);
    System.arraycopy(state.carried(1), at, dc, 0, tile);
    switch (r.cell()) {
      case TANH, RELU -> {
        load(results.y(), step, r.stride(), column, units, saved, 0);
        Unary function = r.cell() == Cell.TANH ? Unary.TANH : Unary.RELU;
        System.arraycopy(own, 0, d, 0, tile);
        Activations.gradient(function, d, saved, tile, buffer);
        Arrays.fill(own, 0, tile, 0f);
      }
      case LSTM -> {
        saved(results, unit, units);
        before(results.saved(), r.savedStride(), savedColumn(4, unit), units);
        begin(initial, 1, column, units);
        System.arraycopy(saved, 4 * tile, tanh, 0, tile);
        Activations.apply(Unary.TANH, tanh, 0, tile, buffer);
        RecurrentCells.lstm(saved, tile, own, dc, tanh, before, d, tile);
        Arrays.fill(own, 0, tile, 0f);
      }
      case GRU -> {
        saved(results, unit, units);
        before(results.y(), r.stride(), column, units);
        begin(initial, 0, column, units);
        RecurrentCells.gru(saved, tile, own, before, d, tile);
      }
    }
    for (int b = 0; b < r.batch(); b++) {
      if (!Recurrences.active(r, b, r.time(direction, step))) {
        keep(b, at);
      }
    }
    System.arraycopy(own, 0, past, at, tile);
    System.arraycopy(dc, 0, state.carried(1), at, tile);
  }

  /** A sequence that has ended passes on what it was sent, and has no slopes. */
  private void keep(int b, int at) {
    System.arraycopy(passed, b * LINES, own, b * LINES, LINES);
    System.arraycopy(state.carried(1), at + b * LINES, dc, b * LINES, LINES);
    for (int g = 0; g < 4; g++) {
      Arrays.fill(d, g * tile + b * LINES, g * tile + (b + 1) * LINES, 0f);
    }
  }

  private void saved(Results results, int unit, int units) {
    for (int s = 0; s < r.cell().saved(); s++) {
      load(results.saved(), step, r.savedStride(), savedColumn(s, unit), units, saved, s * tile);
    }
  }

  private int savedColumn(int which, int unit) {
    return (direction * r.cell().saved() + which) * r.hidden() + unit;
  }

  /** A value of the step before; 0 before the first. */
  private void before(Operand x, int stride, int column, int units) {
    if (step == 0) {
      Arrays.fill(before, 0f);
    } else {
      load(x, step - 1, stride, column, units, before, 0);
    }
  }

  /** Of sequences that begin at this step the initial value is the one before. */
  private void begin(@Nullable Operand initial, int which, int column, int units) {
    if (initial == null || (step > 0 && (direction == 0 || r.lengths() == null))) {
      return;
    }
    long from = (long) which * r.batch() * r.stride() + column;
    PanelMemory.load(initial, from, r.stride(), r.batch(), units, buffer, 0, scratch);
    for (int b = 0; b < r.batch(); b++) {
      if (step == 0 || !Recurrences.active(r, b, r.time(direction, step - 1))) {
        System.arraycopy(buffer, b * LINES, before, b * LINES, LINES);
      }
    }
  }

  /** Stores the gates' gradients, and leaves what the weights send back to the step before. */
  private void send(Operand dGates, Operand candidate, int unit, int units) {
    int gates = r.cell().gates();
    int done = r.time() - 1 - step;
    for (int g = 0; g < gates; g++) {
      int column = (direction * gates + g) * r.hidden() + unit;
      long to = (long) row(step) * r.gateStride() + column;
      PanelMemory.store(d, g * tile, r.batch(), units, dGates, to, r.gateStride(), scratch);
      int recurrent = r.cell() == Cell.GRU && g == 2 ? 3 : g;
      state.leave(block, done, d, recurrent * tile, g * r.hidden() + unit, units);
    }
    if (r.cell() == Cell.GRU) {
      long to = (long) row(step) * r.stride() + (long) direction * r.hidden() + unit;
      PanelMemory.store(d, 3 * tile, r.batch(), units, candidate, to, r.stride(), scratch);
    }
  }
}
