package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Recurrence;
import dev.mezzo.backend.Recurrence.Cell;
import dev.mezzo.backend.RecurrentKernels;
import dev.mezzo.backend.Reduction;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Recurrent layers. The weights are packed once; each step is one product and the cells on its
 * result, block by block of units, a block being a task. Both directions of a step run side by
 * side. The recurrent weight's gradient is one product at the end.
 *
 * <p>Precision: FP32 from the gates on; what goes from step to step is not rounded.
 */
final class Recurrences implements RecurrentKernels {

  private final Workers workers;
  private final Gemm gemm;
  private final Reductions reductions;
  private final RecurrentState state;
  private MemorySegment candidates = MemorySegment.NULL;

  Recurrences(Workers workers, Gemm gemm, Reductions reductions) {
    this.workers = workers;
    this.gemm = gemm;
    this.reductions = reductions;
    this.state = new RecurrentState(workers);
  }

  @Override
  public void forward(Recurrence r, Operand gates, Weights weights, Operand y, Operand saved) {
    if (y.size() == 0) {
      return;
    }
    state.begin(r, weights, false);
    if (weights.initial() != null) {
      state.resume(weights.initial(), 0, true);
    }
    for (int step = 0; step < r.time(); step++) {
      int now = step;
      workers.run(
          state.blocks(),
          (block, scratch) ->
              new RecurrentForward(r, state, block, now, scratch)
                  .run(gates, weights.bias(), y, saved));
    }
    if (weights.initial() != null) {
      state.store(y, r.time());
    }
  }

  @Override
  public void gradient(
      Recurrence r, Weights weights, Results results, Operand dGates, Weights dWeights) {
    Operand candidate = candidates(r, dGates);
    Operand initial = weights.initial();
    if (results.y().size() > 0) {
      state.begin(r, weights, true);
      if (initial != null) {
        state.resume(results.dy(), r.time(), false);
      }
      for (int step = r.time() - 1; step >= 0; step--) {
        int now = step;
        workers.run(
            state.blocks(),
            (block, scratch) ->
                new RecurrentBackward(r, state, block, now, scratch)
                    .run(results, initial, dGates, candidate));
      }
      if (dWeights.initial() != null) {
        state.addProducts(r.time());
        state.store(dWeights.initial(), 0);
      }
    }
    for (int direction = 0; direction < r.directions(); direction++) {
      if (initial == null) {
        Operand to = dWeights.weight();
        weightGradient(r, direction, 1, results.y(), dGates, candidate, to);
      } else {
        Operand before = shifted(r, direction, results.y(), initial);
        weightGradient(r, direction, 0, before, dGates, candidate, dWeights.weight());
      }
    }
    if (r.cell() == Cell.GRU) {
      int rows = r.time() * r.batch();
      reductions.sum(candidate, dWeights.bias(), new Reduction(1, rows, r.stride(), 1));
    }
  }

  /** Memory for GRU's gradient of the candidate's recurrent part. */
  private Operand candidates(Recurrence r, Operand dGates) {
    long size = r.cell() == Cell.GRU ? (long) r.time() * r.batch() * r.stride() : 0;
    long bytes = size * dGates.dtype().bytes();
    if (candidates.byteSize() < bytes) {
      candidates = Arena.ofAuto().allocate(bytes, 64);
    }
    return new Operand(candidates.asSlice(0, bytes), dGates.dtype(), size);
  }

  /**
   * The results of the steps before, of all steps of a direction in time: first the initial one.
   */
  private static Operand shifted(Recurrence r, int direction, Operand y, Operand initial) {
    int rows = r.time() * r.batch() * r.stride();
    int step = r.batch() * r.stride();
    long bytes = y.dtype().bytes();
    if (rows == 0) {
      return y.slice(0, 0);
    }
    MemorySegment before = Arena.ofAuto().allocate(rows * bytes, 64);
    long first = direction == 0 ? 0 : (rows - step) * bytes;
    long others = direction == 0 ? step * bytes : 0;
    long from = direction == 0 ? 0 : step * bytes;
    MemorySegment.copy(initial.data(), 0, before, first, step * bytes);
    MemorySegment.copy(y.data(), from, before, others, (rows - step) * bytes);
    if (direction == 1 && r.lengths() != null) {
      for (int b = 0; b < r.batch(); b++) { // these begin at their end
        int length = r.lengths().data().getAtIndex(JAVA_INT, b);
        if (length > 0 && length < r.time()) {
          long row = r.stride() * bytes;
          long to = ((long) (length - 1) * r.batch() + b) * row;
          MemorySegment.copy(initial.data(), b * row, before, to, row);
        }
      }
    }
    return new Operand(before, y.dtype(), rows);
  }

  /**
   * Gates' gradients, times the results of the step before.
   *
   * @param missing steps whose results before are not there: the first, where it began with 0
   */
  private void weightGradient(
      Recurrence r,
      int direction,
      int missing,
      Operand y,
      Operand dGates,
      Operand candidate,
      Operand dWeight) {
    int gates = r.cell().gates();
    int hidden = r.hidden();
    int fromGates = r.cell() == Cell.GRU ? 2 : gates;
    int depth = Math.max(0, r.time() - missing) * r.batch();
    long step = (long) missing * r.batch();
    long gateRow = direction == 0 && depth > 0 ? step : 0;
    long yRow = direction == 0 || depth == 0 ? 0 : step;
    Matrix before = matrix(y, yRow * r.stride() + (long) direction * hidden, r.stride(), false);
    long at = (long) direction * gates * hidden;
    Matrix slopes = matrix(dGates, gateRow * r.gateStride() + at, r.gateStride(), true);
    Epilogue epilogue = Epilogue.adding(dWeight.adds());
    Operand weight = dWeight.plain();
    Matrix to = matrix(weight, at * hidden, hidden, false);
    gemm.run(new GemmShape(fromGates * hidden, hidden, depth), slopes, before, to, epilogue);
    if (fromGates < gates) {
      long column = gateRow * r.stride() + (long) direction * hidden;
      Matrix last = matrix(candidate, column, r.stride(), true);
      Matrix rest = matrix(weight, (at + (long) fromGates * hidden) * hidden, hidden, false);
      gemm.run(new GemmShape(hidden, hidden, depth), last, before, rest, epilogue);
    }
  }

  private static Matrix matrix(Operand operand, long from, int stride, boolean transposed) {
    long start = Math.min(from, operand.size());
    return new Matrix(operand.slice(start, operand.size() - start), transposed, stride);
  }

  /** Whether a sequence has not ended at a time. */
  static boolean active(Recurrence r, int batch, int time) {
    return r.lengths() == null || time < r.lengths().data().getAtIndex(JAVA_INT, batch);
  }
}
