package dev.mezzo.backend.cuda;

import dev.mezzo.backend.CtcKernels;
import dev.mezzo.backend.CtcShape;
import dev.mezzo.backend.Operand;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Starts the kernels of {@code ctc.cu}. */
final class Ctc implements CtcKernels {

  private final Kernels kernels;

  Ctc(Kernels kernels) {
    this.kernels = kernels;
  }

  @Override
  public void loss(CtcShape shape, Operand logits, Operand targets, Operand loss) {
    long lattices = lattices(shape);
    MemorySegment memory = kernels.workspace(lattices + kernels.partsBytes());
    long[] parts = kernels.parts(memory.asSlice(lattices));
    int blocks = Math.max(1, shape.batch()); // of no sequences it is NaN
    kernels.blocks("ctcLoss", blocks, struct(shape, logits, targets), memory, loss, parts);
  }

  @Override
  public void gradient(
      CtcShape shape, Operand dLoss, Operand logits, Operand targets, Operand dLogits) {
    long lattices = lattices(shape);
    long links = 2L * shape.batch() * states(shape) * Integer.BYTES;
    MemorySegment memory = kernels.workspace(lattices + links);
    kernels.blocks(
        "ctcGradient",
        shape.batch(),
        struct(shape, logits, targets),
        dLoss,
        memory,
        memory.asSlice(lattices),
        dLogits);
  }

  /** Bytes of all sequences' sums and states, as {@code memoryOf} of the kernels. */
  private static long lattices(CtcShape s) {
    return s.batch() * (s.time() + (s.time() + 2L) * states(s)) * Double.BYTES;
  }

  private static long states(CtcShape shape) {
    return 2L * shape.labels() + 1;
  }

  /** The struct {@code Ctc}. */
  private static Arguments.ByValue struct(CtcShape s, Operand logits, Operand targets) {
    return new Struct()
        .add(s.time())
        .add(s.batch())
        .add(s.classes())
        .add(s.labels())
        .add(address(s.times()))
        .add(address(s.lengths()))
        .add(logits)
        .add(targets.data())
        .value();
  }

  private static long address(@Nullable Operand operand) {
    return operand == null ? 0 : operand.data().address();
  }
}
