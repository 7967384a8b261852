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
  private final int span;

  /** What was sent to this step: through the weights, and past them. */
  private final float[] passed;

  /** The gradient of the result; then what goes past the weights to the step before. */
  private final float[] own;

  private final float[] saved;
  private final float[] before;
  private final float[] d;
  private final float[] buffer;
  private final float[] tanh;
  private final float[] dc;

  RecurrentBackward(Recurrence r, RecurrentState state, int block, int step, Scratch scratch) {
    this.r = r;
    this.state = state;
    this.block = block;
    this.step = step;
    this.scratch = scratch;
    this.direction = state.direction(block);
    this.span = state.span();
    this.passed = scratch.large(0, span);
    this.own = scratch.large(1, span);
    this.saved = scratch.large(2, 5 * span);
    this.before = scratch.large(3, span);
    this.d = scratch.large(4, 4 * span);
    this.buffer = scratch.large(5, span);
    this.tanh = scratch.large(6, span);
    this.dc = scratch.large(7, span);
  }

  void run(Results results, @Nullable Operand initial, Operand dGates, Operand candidate) {
    state.multiply(block, r.time() - 1 - step, passed);
    float[] past = state.carried(0);
    int at = state.carriedAt(block);
    GemmStore.add(passed, 0, past, at, span);
    int column = direction * r.hidden();
    load(results.dy(), step, r.stride(), column, own, 0);
    RecurrentCells.add(own, 0, passed, span);
    System.arraycopy(state.carried(1), at, dc, 0, span);
    slopes(results, initial, column);
    for (int b = 0; b < r.batch(); b++) {
      if (!Recurrences.active(r, b, r.time(direction, step))) {
        keep(b, at);
      }
    }
    System.arraycopy(own, 0, past, at, span);
    System.arraycopy(dc, 0, state.carried(1), at, span);
    send(dGates, candidate);
  }

  private PanelMemory rows(Operand x, int at, int stride, int column) {
    long row = (long) r.time(direction, at) * r.batch();
    return state.rows(x, row * stride + column + state.unit(block), stride, block);
  }

  private void load(Operand x, int at, int stride, int column, float[] to, int target) {
    rows(x, at, stride, column).load(to, target, scratch);
  }

  private void slopes(Results results, @Nullable Operand initial, int column) {
    switch (r.cell()) {
      case TANH, RELU -> {
        load(results.y(), step, r.stride(), column, saved, 0);
        Unary function = r.cell() == Cell.TANH ? Unary.TANH : Unary.RELU;
        System.arraycopy(own, 0, d, 0, span);
        Activations.gradient(function, d, saved, span, buffer);
        Arrays.fill(own, 0, span, 0f);
      }
      case LSTM -> {
        saved(results);
        before(results.saved(), r.savedStride(), savedColumn(4));
        begin(initial, 1, column);
        System.arraycopy(saved, 4 * span, tanh, 0, span);
        Activations.apply(Unary.TANH, tanh, 0, span, buffer);
        RecurrentCells.lstm(saved, span, own, dc, tanh, before, d, span);
        Arrays.fill(own, 0, span, 0f);
      }
      case GRU -> {
        saved(results);
        before(results.y(), r.stride(), column);
        begin(initial, 0, column);
        RecurrentCells.gru(saved, span, own, before, d, span);
      }
    }
  }

  /** A sequence that has ended passes on what it was sent, and has no slopes. */
  private void keep(int b, int at) {
    for (int i = b * LINES; i < span; i += state.tile()) {
      System.arraycopy(passed, i, own, i, LINES);
      System.arraycopy(state.carried(1), at + i, dc, i, LINES);
      for (int g = 0; g < 4; g++) {
        Arrays.fill(d, g * span + i, g * span + i + LINES, 0f);
      }
    }
  }

  private void saved(Results results) {
    for (int s = 0; s < r.cell().saved(); s++) {
      load(results.saved(), step, r.savedStride(), savedColumn(s), saved, s * span);
    }
  }

  private int savedColumn(int which) {
    return (direction * r.cell().saved() + which) * r.hidden();
  }

  /** A value of the step before; 0 before the first. */
  private void before(Operand x, int stride, int column) {
    if (step == 0) {
      Arrays.fill(before, 0f);
    } else {
      load(x, step - 1, stride, column, before, 0);
    }
  }

  /** Of sequences that begin at this step the initial value is the one before. */
  private void begin(@Nullable Operand initial, int which, int column) {
    if (initial == null || (step > 0 && (direction == 0 || r.lengths() == null))) {
      return;
    }
    long from = (long) which * r.batch() * r.stride() + column + state.unit(block);
    state.rows(initial, from, r.stride(), block).load(buffer, 0, scratch);
    for (int b = 0; b < r.batch(); b++) {
      if (step == 0 || !Recurrences.active(r, b, r.time(direction, step - 1))) {
        for (int i = b * LINES; i < span; i += state.tile()) {
          System.arraycopy(buffer, i, before, i, LINES);
        }
      }
    }
  }

  /** Stores the gates' gradients, and leaves what the weights send back to the step before. */
  private void send(Operand dGates, Operand candidate) {
    int gates = r.cell().gates();
    int done = r.time() - 1 - step;
    for (int g = 0; g < gates; g++) {
      int column = (direction * gates + g) * r.hidden();
      rows(dGates, step, r.gateStride(), column).store(d, g * span, scratch);
      int recurrent = r.cell() == Cell.GRU && g == 2 ? 3 : g;
      state.leave(block, done, d, recurrent * span, g * r.hidden() + state.unit(block));
    }
    if (r.cell() == Cell.GRU) {
      rows(candidate, step, r.stride(), direction * r.hidden()).store(d, 3 * span, scratch);
    }
  }
}
