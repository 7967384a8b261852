package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.tanh;
import static dev.mezzo.Ops.transpose;
import static dev.mezzo.annotations.PrecisionClass.ALLOW;

import dev.mezzo.Finish;
import dev.mezzo.GradientSum;
import dev.mezzo.MatrixGradients;
import dev.mezzo.Ops;
import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Gradient;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.annotations.Op;
import org.jspecify.annotations.Nullable;

/** An operation of one's own that ends in a product, and lets that finish its result. */
@Half
@MasterFp32
record OwnFinish(Parameter down, Parameter up) {
  Tensor forward(Tensor x) {
    return tanh(add(lowRank(x, down, up), x));
  }

  /** {@code x·downᵀ·upᵀ}: down (rank, in), up (out, rank). */
  @Op(ALLOW)
  static Tensor lowRank(Tensor x, Tensor down, Tensor up) {
    return lowRank(Finish.none(), x, down, up);
  }

  /** Generated code calls this one. */
  static Tensor lowRank(Finish finish, Tensor x, Tensor down, Tensor up) {
    try (Tensor rows = transpose(down);
        Tensor columns = transpose(up);
        Tensor narrow = matmul(x, rows)) {
      return Ops.matmul(finish, narrow, columns);
    }
  }

  /** The gradients of the weights are added to those before, in their memory. */
  @Gradient(
      of = "lowRank",
      wrt = {"x", "down", "up"})
  static @Nullable Tensor[] lowRankGradient(
      Tensor dy,
      Tensor x,
      Tensor down,
      Tensor up,
      boolean wantDx,
      GradientSum dDown,
      GradientSum dUp) {
    try (Tensor rows = transpose(down);
        Tensor narrow = matmul(x, rows);
        Tensor dNarrow = matmul(dy, up)) {
      return new @Nullable Tensor[] {
        wantDx ? matmul(dNarrow, down) : null,
        MatrixGradients.linearGradientWeight(dDown, dNarrow, x),
        MatrixGradients.linearGradientWeight(dUp, dy, narrow)
      };
    }
  }
}
