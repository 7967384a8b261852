package dev.mezzo.backend.vector;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.FusedKernels;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Unary;
import java.util.List;

/**
 * Element-wise programs, a block of elements at a time: what is between operands and results stays
 * in the first-level cache, in FP32. An operation runs over a whole block, so that choosing it
 * costs nothing.
 */
final class Fused implements FusedKernels {

  /** Bytes of operands and results that a third-level cache holds. */
  private static final long NEAR = 8 << 20;

  /**
   * Elements of a block where operands come from further away. The processor fetches ahead while it
   * computes, but not across a long block's computation.
   */
  private static final int FAR_BLOCK = 512;

  private final Workers workers;
  private final ElementWise alone;

  /**
   * Prepares.
   *
   * @param alone what computes a single operation
   */
  Fused(Workers workers, ElementWise alone) {
    this.workers = workers;
    this.alone = alone;
  }

  @Override
  public void run(
      FusedProgram program, List<Operand> operands, List<Operand> results, Broadcast broadcast) {
    if (program.operations().size() == 1
        && results.size() == 1
        && broadcast.dims().length == 1
        && isAlone(program, operands, results.getFirst())) {
      return;
    }
    FusedBlocks plan = FusedBlocks.of(program);
    long bytes = 0;
    for (Operand operand : operands) {
      bytes += operand.size() * operand.dtype().bytes();
    }
    for (Operand result : results) {
      bytes += result.size() * result.dtype().bytes();
    }
    int length = bytes > NEAR ? FAR_BLOCK : Scratch.CHUNK;
    new BroadcastBlocks(workers, broadcast, results.getFirst().size(), length)
        .run(
            (block, scratch) -> {
              plan.run(new Block(block, operands), scratch);
              for (int k = 0; k < results.size(); k++) { // only now: it may be an operand's memory
                float[] values = plan.result(k, scratch);
                Operand to = results.get(k);
                Conversions.narrow(values, 0, to, block.to(), block.count(), scratch.halves);
              }
            });
  }

  /**
   * Computes a function, or a gradient, which 16 bits may need no widening for; or returns false.
   */
  private boolean isAlone(FusedProgram program, List<Operand> operands, Operand result) {
    if (program.results().getFirst() != program.operands()
        || operands.stream().anyMatch(operand -> operand.size() != result.size())) {
      return false;
    }
    switch (program.operations().getFirst()) {
      case FusedProgram.OfOne(Unary function, int x) ->
          alone.unary(function, operands.get(x), result);
      case FusedProgram.GradientOfOne(Unary function, int dy, int saved) ->
          alone.unaryGradient(function, operands.get(dy), operands.get(saved), result);
      default -> {
        return false;
      }
    }
    return true;
  }

  private record Block(BroadcastBlocks.Block block, List<Operand> operands)
      implements FusedBlocks.Elements {
    @Override
    public int count() {
      return block.count();
    }

    @Override
    public void read(int which, float[] to) {
      block.read(operands.get(which), which, to);
    }

    @Override
    public void apply(Binary function, float[] x, int which, float[] buffer) {
      if (block.isContiguous(which)) {
        WideningSums.apply(function, x, operands.get(which), block.to(), block.count());
      } else {
        read(which, buffer);
        ElementWise.apply(function, x, buffer, block.count());
      }
    }
  }
}
