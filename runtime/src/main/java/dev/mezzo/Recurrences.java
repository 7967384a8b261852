package dev.mezzo;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Recurrence;
import dev.mezzo.backend.Recurrence.Cell;
import dev.mezzo.backend.RecurrentKernels.Results;
import dev.mezzo.backend.RecurrentKernels.Weights;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Recurrent layers, given the input's part of their gates. */
final class Recurrences {

  private Recurrences() {}

  /**
   * What a recurrence is given besides gates and weight.
   *
   * @param bias of GRU's candidate
   * @param lengths null where all sequences are as long as the tensor
   * @param state to begin with; null for 0
   */
  record Settings(
      Cell cell, @Nullable Tensor bias, @Nullable Tensor lengths, @Nullable Tensor state) {

    /** From a state of 0. */
    Settings(Cell cell, @Nullable Tensor bias, @Nullable Tensor lengths) {
      this(cell, bias, lengths, null);
    }

    String operation() {
      String name =
          switch (cell) {
            case LSTM -> "lstm";
            case GRU -> "gru";
            case TANH, RELU -> "rnn";
          };
      return state == null ? name : name + "From";
    }

    /** Rows of the last state behind the results. */
    int states() {
      return state == null ? 0 : cell.states();
    }
  }

  static Tensor forward(Tape tape, Tensor gates, Tensor weight, Settings settings) {
    DType dtype = Checks.oneFloatType(settings.operation(), gates, weight);
    if (settings.bias != null) {
      Checks.oneFloatType(settings.operation(), gates, settings.bias);
    }
    Recurrence r = recurrence(gates.shape(), weight.shape(), settings);
    Shape shape = Shape.of(r.time() + settings.states(), r.batch(), r.stride());
    Tensor y = Tensor.allocate(gates.device(), shape, dtype);
    try (Tensor rows = gates.contiguous();
        Tensor matrix = weight.contiguous();
        Tensor bias = bias(settings, gates);
        Tensor state = state(settings, r, dtype);
        Tensor saved = saved(gates, r)) {
      gates
          .device()
          .backend()
          .recurrences()
          .forward(
              r,
              rows.operand(),
              new Weights(matrix.operand(), bias.operand(), operand(state)),
              y.operand(),
              saved.operand());
      if (r.cell().saved() > 0) {
        tape.save(saved);
      }
    }
    return y;
  }

  /**
   * What gradients are added to.
   *
   * @param bias null where the cell has none
   */
  record Sums(GradientSum weight, @Nullable GradientSum bias) {}

  /** The gradients of gates, weight, GRU's bias, and the initial state, where there are such. */
  static Tensor[] gradient(
      Tape tape, Tensor dy, Tensor y, Tensor weight, Settings settings, Sums sums) {
    String operation = settings.operation() + "Gradient";
    Checks.isFloat(operation, dy, y, weight);
    Checks.sameShape(operation, dy, y);
    int[] dims = y.shape().dims();
    dims[0] -= settings.states();
    dims[2] = weight.shape().dim(0) * weight.shape().dim(1);
    Shape gates = Shape.of(dims);
    Recurrence r = recurrence(gates, weight.shape(), settings);
    Tensor dGates = Tensor.allocate(y.device(), gates, y.dtype());
    Layout rowMajor = new Layout(weight.shape(), weight.dtype(), false);
    GradientSum.Target dWeight = sums.weight.target(y.device(), rowMajor);
    GradientSum ofBias = sums.bias == null ? GradientSum.none() : sums.bias;
    try (Tensor bias = bias(settings, y);
        Tensor state = state(settings, r, y.dtype());
        Tensor saved = r.cell().saved() > 0 ? tape.restoreTensor() : saved(y, r);
        Tensor gradient = dy.contiguous();
        Tensor result = y.contiguous();
        Tensor matrix = weight.contiguous()) {
      GradientSum.Target dBias =
          ofBias.target(y.device(), new Layout(bias.shape(), bias.dtype(), false));
      Tensor dState =
          state == null ? null : Tensor.allocate(y.device(), state.shape(), state.dtype());
      y.device()
          .backend()
          .recurrences()
          .gradient(
              r,
              new Weights(matrix.operand(), bias.operand(), operand(state)),
              new Results(gradient.operand(), result.operand(), saved.operand()),
              dGates.operand(),
              new Weights(dWeight.operand(), dBias.operand(), operand(dState)));
      List<Tensor> gradients = new ArrayList<>(List.of(dGates, dWeight.sum()));
      if (settings.bias != null) {
        gradients.add(dBias.sum());
      } else {
        dBias.memory().close();
      }
      if (dState != null) {
        gradients.add(dState);
      }
      return gradients.toArray(Tensor[]::new);
    }
  }

  private static @Nullable Operand operand(@Nullable Tensor tensor) {
    return tensor == null ? null : tensor.operand();
  }

  /** The state to begin with, in the results' type. */
  private static @Nullable Tensor state(Settings settings, Recurrence r, DType dtype) {
    Tensor state = settings.state;
    if (state == null) {
      return null;
    }
    Shape expected = Shape.of(settings.states(), r.batch(), r.stride());
    if (!state.shape().equals(expected) || state.dtype() != dtype) {
      throw new ShapeException(
          "%s: the state is %s %s, but must be %s %s: results%s, (…, batch, directions·hidden)"
              .formatted(
                  settings.operation(),
                  state.shape(),
                  state.dtype(),
                  expected,
                  dtype,
                  settings.cell == Cell.LSTM ? " and cells" : ""));
    }
    return state.contiguous();
  }

  private static Tensor saved(Tensor like, Recurrence r) {
    Shape shape = Shape.of(r.time(), r.batch(), r.savedStride());
    return Tensor.allocate(like.device(), shape, like.dtype());
  }

  /** The bias; an empty one for cells without. */
  private static Tensor bias(Settings settings, Tensor like) {
    Tensor bias = settings.bias;
    return bias == null
        ? Tensor.allocate(like.device(), Shape.of(0), like.dtype())
        : bias.contiguous();
  }

  private static Recurrence recurrence(Shape gates, Shape weight, Settings settings) {
    String operation = settings.operation();
    int count = settings.cell.gates();
    boolean fits =
        weight.rank() == 3
            && (weight.dim(0) == 1 || weight.dim(0) == 2)
            && weight.dim(1) == count * weight.dim(2)
            && gates.rank() == 3
            && gates.dim(2) == weight.dim(0) * weight.dim(1);
    if (!fits) {
      throw new ShapeException(
          "%s: gates %s and recurrent weight %s: the weight must be (directions, %d·hidden, hidden), with one or two directions, and the gates (time, batch, directions·%d·hidden)"
              .formatted(operation, gates, weight, count, count));
    }
    int directions = weight.dim(0);
    int hidden = weight.dim(2);
    Tensor bias = settings.bias;
    if (bias != null && !bias.shape().equals(Shape.of(directions, hidden))) {
      throw new ShapeException(
          "%s: bias %s must be %s"
              .formatted(operation, bias.shape(), Shape.of(directions, hidden)));
    }
    Checks.count(operation, gates, 0, 2);
    return new Recurrence(
        settings.cell,
        gates.dim(0),
        gates.dim(1),
        hidden,
        directions,
        lengths(operation, settings.lengths, gates.dim(1)));
  }

  private static @Nullable Operand lengths(String operation, @Nullable Tensor lengths, int batch) {
    if (lengths == null) {
      return null;
    }
    if (lengths.dtype() != DType.INT32 || !lengths.shape().equals(Shape.of(batch))) {
      throw new ShapeException(
          "%s: lengths %s are %s, but must be (%d), one for each sequence, INT32"
              .formatted(operation, lengths.shape(), lengths.dtype(), batch));
    }
    return lengths.operand();
  }
}
