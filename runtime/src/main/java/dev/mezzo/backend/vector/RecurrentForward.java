package dev.mezzo.backend.vector;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Recurrence;
import dev.mezzo.backend.Unary;
import java.util.Arrays;

/**
 * A step of a block of units: the product with the last result, and the cells, while it is near.
 */
final class RecurrentForward {

  private static final int LINES = TileProduct.LINES;

  private final Recurrence r;
  private final RecurrentState state;
  private final int block;
  private final int step;
  private final Scratch scratch;
  private final int tile;
  private final int row;

  /** Products, then gates: two panels of each; a saved c or hn stands behind. */
  private final float[] z;

  private final float[] x;
  private final float[] buffer;
  private final float[] h;

  RecurrentForward(Recurrence r, RecurrentState state, int block, int step, Scratch scratch) {
    this.r = r;
    this.state = state;
    this.block = block;
    this.step = step;
    this.scratch = scratch;
    this.tile = state.tile();
    this.row = r.time(state.direction(block), step) * r.batch();
    this.z = scratch.large(0, 8 * tile);
    this.x = scratch.large(1, tile);
    this.buffer = scratch.large(2, tile);
    this.h = scratch.large(3, tile);
  }

  void run(Operand gates, Operand bias, Operand y, Operand saved) {
    state.multiply(block, step, z);
    for (int panel = 0; panel < 2; panel++) {
      int unit = state.unit(block) + panel * LINES;
      int units = Math.min(LINES, r.hidden() - unit);
      if (units <= 0) {
        return;
      }
      cells(gates, bias, saved, panel, unit, units);
      finish(panel);
      long to = (long) row * r.stride() + (long) state.direction(block) * r.hidden() + unit;
      PanelMemory.store(h, 0, r.batch(), units, y, to, r.stride(), scratch);
      hold(panel, unit, units);
    }
  }

  private void cells(Operand gates, Operand bias, Operand saved, int panel, int unit, int units) {
    switch (r.cell()) {
      case TANH -> simple(gates, Unary.TANH, panel, unit, units);
      case RELU -> simple(gates, Unary.RELU, panel, unit, units);
      case LSTM -> lstm(gates, saved, panel, unit, units);
      case GRU -> gru(gates, bias, saved, panel, unit, units);
    }
  }

  private int gateAt(int gate, int panel) {
    return (2 * gate + panel) * tile;
  }

  private void gate(Operand gates, Unary function, int gate, int panel, int unit, int units) {
    load(gates, gate, unit, units);
    RecurrentCells.gate(function, z, gateAt(gate, panel), x, tile, buffer);
  }

  private void load(Operand gates, int gate, int unit, int units) {
    int column = (state.direction(block) * r.cell().gates() + gate) * r.hidden() + unit;
    long from = (long) row * r.gateStride() + column;
    PanelMemory.load(gates, from, r.gateStride(), r.batch(), units, x, 0, scratch);
  }

  private void simple(Operand gates, Unary function, int panel, int unit, int units) {
    gate(gates, function, 0, panel, unit, units);
    System.arraycopy(z, gateAt(0, panel), h, 0, tile);
  }

  private void lstm(Operand gates, Operand saved, int panel, int unit, int units) {
    gate(gates, Unary.SIGMOID, 0, panel, unit, units);
    gate(gates, Unary.SIGMOID, 1, panel, unit, units);
    gate(gates, Unary.TANH, 2, panel, unit, units);
    gate(gates, Unary.SIGMOID, 3, panel, unit, units);
    float[] c = state.carried(1);
    int at = state.carriedAt(block, panel);
    RecurrentCells.mix(
        z, gateAt(1, panel), c, at, z, gateAt(0, panel), z, gateAt(2, panel), h, tile);
    keepEnded(h, c, at);
    System.arraycopy(h, 0, c, at, tile);
    for (int gate = 0; gate < 4; gate++) {
      save(saved, gate, z, gateAt(gate, panel), unit, units);
    }
    save(saved, 4, h, 0, unit, units);
    Activations.apply(Unary.TANH, h, 0, tile, buffer);
    RecurrentCells.multiply(z, gateAt(3, panel), h, 0, h, tile);
  }

  private void gru(Operand gates, Operand bias, Operand saved, int panel, int unit, int units) {
    gate(gates, Unary.SIGMOID, 0, panel, unit, units);
    gate(gates, Unary.SIGMOID, 1, panel, unit, units);
    int candidate = gateAt(2, panel);
    long from = (long) state.direction(block) * r.hidden() + unit;
    PanelMemory.load(bias, from, 0, 1, units, x, 0, scratch);
    for (int b = 0; b < r.batch(); b++) {
      GemmStore.add(z, candidate + b * LINES, x, 0, LINES);
    }
    save(saved, 3, z, candidate, unit, units);
    RecurrentCells.multiply(z, gateAt(0, panel), z, candidate, h, tile);
    System.arraycopy(h, 0, z, candidate, tile);
    gate(gates, Unary.TANH, 2, panel, unit, units);
    for (int gate = 0; gate < 3; gate++) {
      save(saved, gate, z, gateAt(gate, panel), unit, units);
    }
    System.arraycopy(state.carried(0), state.carriedAt(block, panel), x, 0, tile);
    RecurrentCells.between(z, candidate, z, gateAt(1, panel), x, h, tile);
  }

  /** Sequences that have ended keep what they had; their result is 0. */
  private void finish(int panel) {
    float[] before = state.carried(0);
    int at = state.carriedAt(block, panel);
    keepEnded(h, before, at);
    System.arraycopy(h, 0, before, at, tile);
    for (int b = 0; b < r.batch(); b++) {
      if (ended(b)) {
        Arrays.fill(h, b * LINES, (b + 1) * LINES, 0f);
      }
    }
  }

  private void hold(int panel, int unit, int units) {
    state.leave(block, step, state.carried(0), state.carriedAt(block, panel), unit, units);
  }

  private void keepEnded(float[] values, float[] before, int at) {
    for (int b = 0; b < r.batch(); b++) {
      if (ended(b)) {
        System.arraycopy(before, at + b * LINES, values, b * LINES, LINES);
      }
    }
  }

  private boolean ended(int b) {
    return !Recurrences.active(r, b, r.time(state.direction(block), step));
  }

  private void save(Operand saved, int which, float[] from, int at, int unit, int units) {
    int column = (state.direction(block) * r.cell().saved() + which) * r.hidden() + unit;
    long to = (long) row * r.savedStride() + column;
    if (r.lengths() != null) {
      System.arraycopy(from, at, buffer, 0, tile);
      for (int b = 0; b < r.batch(); b++) {
        if (ended(b)) {
          Arrays.fill(buffer, b * LINES, (b + 1) * LINES, 0f);
        }
      }
      PanelMemory.store(buffer, 0, r.batch(), units, saved, to, r.savedStride(), scratch);
    } else {
      PanelMemory.store(from, at, r.batch(), units, saved, to, r.savedStride(), scratch);
    }
  }
}
