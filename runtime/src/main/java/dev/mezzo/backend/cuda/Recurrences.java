package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Recurrence;
import dev.mezzo.backend.Recurrence.Cell;
import dev.mezzo.backend.RecurrentKernels;
import dev.mezzo.backend.Reduction;
import dev.mezzo.types.DType;
import org.jspecify.annotations.Nullable;

/**
 * Recurrent layers: for each step a product for each direction, FP32 since states are, and a kernel
 * of {@code recurrence.cu}. The weight's gradient is one product over all steps.
 */
final class Recurrences implements RecurrentKernels {

  private final Kernels kernels;
  private final Convolutions.Gemm gemm;

  Recurrences(Kernels kernels, Convolutions.Gemm gemm) {
    this.kernels = kernels;
    this.gemm = gemm;
  }

  @Override
  public void forward(Recurrence r, Operand gates, Weights weights, Operand y, Operand saved) {
    Sizes n = new Sizes(r);
    long weightSize = weights.weight().size();
    long bytes = Memory.bytes(weightSize, n.units, n.units, n.units * r.cell().gates());
    Memory memory = new Memory(kernels.workspace(bytes));
    Operand weight = floats(weights.weight(), memory.floats(weightSize));
    Operand h = memory.floats(n.units);
    Operand c = memory.floats(n.units);
    Operand recurrent = memory.floats(n.units * r.cell().gates());
    Arguments.ByValue struct = struct(r);
    begin(struct, n, weights.initial(), 0, h, c);
    for (int step = 0; step < r.time(); step++) {
      for (int direction = 0; direction < r.directions(); direction++) {
        gemm.run(
            new GemmShape(r.batch(), n.gated, r.hidden()),
            new Matrix(n.part(h, direction, n.states), false, r.hidden()),
            new Matrix(n.part(weight, direction, n.weights), true, r.hidden()),
            new Matrix(n.part(recurrent, direction, n.recurrent), false, n.gated),
            Epilogue.NONE);
      }
      kernels.each(
          "recurrenceForward",
          n.units,
          struct,
          step,
          gates,
          recurrent.data(),
          weights.bias(),
          h.data(),
          c.data(),
          y,
          saved);
    }
    if (weights.initial() != null) {
      leave(struct, n, h, c, y, n.results);
    }
  }

  @Override
  public void gradient(
      Recurrence r, Weights weights, Results results, Operand dGates, Weights dWeights) {
    Sizes n = new Sizes(r);
    int gates = r.cell().gates();
    long size = weights.weight().size();
    long steps = n.units * r.time();
    Memory memory =
        new Memory(
            kernels.workspace(
                Memory.bytes(
                    size, size, n.units, n.units, n.units * gates, steps, steps * gates, n.gated)));
    Operand weight = floats(weights.weight(), memory.floats(size));
    Operand dWeight = memory.floats(size);
    Operand dh = memory.floats(n.units);
    Operand dc = memory.floats(n.units);
    Operand d = memory.floats(n.units * gates);
    Operand before = memory.floats(steps);
    Operand of = memory.floats(steps * gates);
    Arguments.ByValue struct = struct(r);
    Operand initial = weights.initial();
    begin(struct, n, initial == null ? null : results.dy(), n.results, dh, dc);
    for (int step = r.time() - 1; step >= 0; step--) {
      kernels.each(
          "recurrenceBackward",
          n.units,
          struct,
          step,
          results.dy(),
          results.y(),
          results.saved(),
          initial,
          dh.data(),
          dc.data(),
          d.data(),
          before.data(),
          of.data(),
          dGates);
      for (int direction = 0; direction < r.directions(); direction++) {
        gemm.run(
            new GemmShape(r.batch(), r.hidden(), n.gated),
            new Matrix(n.part(d, direction, n.recurrent), false, n.gated),
            new Matrix(n.part(weight, direction, n.weights), false, r.hidden()),
            new Matrix(n.part(dh, direction, n.states), false, r.hidden()),
            Epilogue.adding(true));
      }
    }
    if (dWeights.initial() != null) {
      leave(struct, n, dh, dc, dWeights.initial(), 0);
    }
    parameters(r, n, of, before, dWeight, dWeights, memory.floats(n.gated));
  }

  /** The gradients of the weight, and of GRU's bias, from all steps. */
  private void parameters(
      Recurrence r,
      Sizes n,
      Operand of,
      Operand before,
      Operand dWeight,
      Weights dWeights,
      Operand sums) {
    int rows = r.time() * r.batch();
    for (int direction = 0; direction < r.directions(); direction++) {
      Operand own = n.part(of, direction, (long) rows * n.gated);
      gemm.run(
          new GemmShape(n.gated, r.hidden(), rows),
          new Matrix(own, true, n.gated),
          new Matrix(n.part(before, direction, (long) rows * r.hidden()), false, r.hidden()),
          new Matrix(n.part(dWeight, direction, n.weights), false, r.hidden()),
          Epilogue.NONE);
      if (r.cell() == Cell.GRU) {
        int hidden = r.hidden();
        kernels.sumColumns(own, sums, new Reduction(1, rows, n.gated, 1));
        cast(sums.slice(2L * hidden, hidden), n.part(dWeights.bias(), direction, hidden));
      }
    }
    cast(dWeight, dWeights.weight());
  }

  /** The states to begin with, behind {@code first} elements of an array; 0 without one. */
  private void begin(
      Arguments.ByValue struct, Sizes n, @Nullable Operand from, long first, Operand h, Operand c) {
    kernels.each("recurrenceBegin", n.units, struct, from, first, 0, h.data());
    Operand second = n.cell == Cell.LSTM ? from : null;
    kernels.each("recurrenceBegin", n.units, struct, second, first, 1, c.data());
  }

  private void leave(
      Arguments.ByValue struct, Sizes n, Operand h, Operand c, Operand to, long first) {
    kernels.each("recurrenceLeave", n.units, struct, h.data(), first, 0, to);
    if (n.cell == Cell.LSTM) {
      kernels.each("recurrenceLeave", n.units, struct, c.data(), first, 1, to);
    }
  }

  private Operand floats(Operand x, Operand copy) {
    if (x.dtype() == DType.FP32) {
      return x;
    }
    cast(x, copy);
    return copy;
  }

  private void cast(Operand x, Operand y) {
    kernels.eights("cast", y.size(), x, y, y.size());
  }

  /** The struct {@code Recurrence}. */
  private static Arguments.ByValue struct(Recurrence r) {
    Operand lengths = r.lengths();
    return new Struct()
        .add(Codes.of(r.cell()))
        .add(r.time())
        .add(r.batch())
        .add(r.hidden())
        .add(r.directions())
        .add(r.cell().gates())
        .add(r.cell().saved())
        .add(0)
        .add(lengths == null ? 0L : lengths.data().address())
        .value();
  }

  /** Elements of the arrays, and of a direction's part of them. */
  private static final class Sizes {
    final Cell cell;
    final int gated;
    final long units;
    final long states;
    final long recurrent;
    final long weights;
    final long results;

    Sizes(Recurrence r) {
      this.cell = r.cell();
      this.gated = r.cell().gates() * r.hidden();
      this.states = (long) r.batch() * r.hidden();
      this.units = r.directions() * states;
      this.recurrent = (long) r.batch() * gated;
      this.weights = (long) gated * r.hidden();
      this.results = r.time() * units;
    }

    Operand part(Operand whole, int direction, long size) {
      return whole.slice(direction * size, size);
    }
  }
}
