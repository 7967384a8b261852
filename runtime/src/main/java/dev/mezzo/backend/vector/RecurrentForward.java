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
  private final int span;
  private final int row;

  /** Products, then gates, a span each. */
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
    this.span = state.span();
    this.row = r.time(state.direction(block), step) * r.batch();
    this.z = scratch.large(0, r.cell().gates() * span);
    this.x = scratch.large(1, span);
    this.buffer = scratch.large(2, span);
    this.h = scratch.large(3, span);
  }

  void run(Operand gates, Operand bias, Operand y, Operand saved) {
    state.multiply(block, step, z);
    switch (r.cell()) {
      case TANH -> simple(gates, Unary.TANH);
      case RELU -> simple(gates, Unary.RELU);
      case LSTM -> lstm(gates, saved);
      case GRU -> gru(gates, bias, saved);
    }
    finish();
    rows(y, r.stride(), state.direction(block) * r.hidden()).store(h, 0, scratch);
    state.leave(block, step, state.carried(0), state.carriedAt(block), state.unit(block));
  }

  /** The block's numbers of this step: of its direction's, which begin at a column. */
  private PanelMemory rows(Operand operand, int stride, int column) {
    return state.rows(operand, (long) row * stride + column + state.unit(block), stride, block);
  }

  private void gate(Operand gates, Unary function, int gate) {
    int column = (state.direction(block) * r.cell().gates() + gate) * r.hidden();
    rows(gates, r.gateStride(), column).load(x, 0, scratch);
    RecurrentCells.gate(function, z, gate * span, x, span, buffer);
  }

  private void simple(Operand gates, Unary function) {
    gate(gates, function, 0);
    System.arraycopy(z, 0, h, 0, span);
  }

  private void lstm(Operand gates, Operand saved) {
    gate(gates, Unary.SIGMOID, 0);
    gate(gates, Unary.SIGMOID, 1);
    gate(gates, Unary.TANH, 2);
    gate(gates, Unary.SIGMOID, 3);
    float[] c = state.carried(1);
    int at = state.carriedAt(block);
    RecurrentCells.mix(z, span, c, at, z, 0, z, 2 * span, h, span);
    keepEnded(h, c, at);
    System.arraycopy(h, 0, c, at, span);
    for (int gate = 0; gate < 4; gate++) {
      save(saved, gate, z, gate * span);
    }
    save(saved, 4, h, 0);
    Activations.apply(Unary.TANH, h, 0, span, buffer);
    RecurrentCells.multiply(z, 3 * span, h, 0, h, span);
  }

  private void gru(Operand gates, Operand bias, Operand saved) {
    gate(gates, Unary.SIGMOID, 0);
    gate(gates, Unary.SIGMOID, 1);
    int candidate = 2 * span;
    long from = (long) state.direction(block) * r.hidden() + state.unit(block);
    state.rows(bias, from, 0, block).load(x, 0, scratch);
    RecurrentCells.add(z, candidate, x, span);
    save(saved, 3, z, candidate);
    RecurrentCells.multiply(z, 0, z, candidate, h, span);
    System.arraycopy(h, 0, z, candidate, span);
    gate(gates, Unary.TANH, 2);
    for (int gate = 0; gate < 3; gate++) {
      save(saved, gate, z, gate * span);
    }
    System.arraycopy(state.carried(0), state.carriedAt(block), x, 0, span);
    RecurrentCells.between(z, candidate, z, span, x, h, span);
  }

  /** Sequences that have ended keep what they had; their result is 0. */
  private void finish() {
    float[] before = state.carried(0);
    int at = state.carriedAt(block);
    keepEnded(h, before, at);
    System.arraycopy(h, 0, before, at, span);
    clearEnded(h);
  }

  private void keepEnded(float[] values, float[] before, int at) {
    for (int b = 0; b < r.batch(); b++) {
      for (int i = ended(b) ? b * LINES : span; i < span; i += state.tile()) {
        System.arraycopy(before, at + i, values, i, LINES);
      }
    }
  }

  private void clearEnded(float[] values) {
    for (int b = 0; b < r.batch(); b++) {
      for (int i = ended(b) ? b * LINES : span; i < span; i += state.tile()) {
        Arrays.fill(values, i, i + LINES, 0f);
      }
    }
  }

  private boolean ended(int b) {
    return !Recurrences.active(r, b, r.time(state.direction(block), step));
  }

  private void save(Operand saved, int which, float[] from, int at) {
    int column = (state.direction(block) * r.cell().saved() + which) * r.hidden();
    PanelMemory to = rows(saved, r.savedStride(), column);
    if (r.lengths() != null) {
      System.arraycopy(from, at, buffer, 0, span);
      clearEnded(buffer);
      to.store(buffer, 0, scratch);
    } else {
      to.store(from, at, scratch);
    }
  }
}
