package dev.mezzo.backend.vector;

import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.FusedKernels;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Element-wise programs, a block of elements at a time: what is between operands and results stays
 * in the first-level cache, in FP32. An operation runs over a whole block, so that choosing it
 * costs nothing.
 */
final class Fused implements FusedKernels {

  /** Programs whose plans are kept: those of a model, and some with numbers that changed. */
  private static final int KEPT = 256;

  private final Workers workers;
  private final IdentityHashMap<FusedProgram, FusedBlocks> plans = new IdentityHashMap<>();

  Fused(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void run(
      FusedProgram program, List<Operand> operands, List<Operand> results, Broadcast broadcast) {
    FusedBlocks plan = plan(program);
    FusedBlocks.Run call = new FusedBlocks.Run(operands, results);
    new BroadcastBlocks(workers, broadcast, results.getFirst().size())
        .run((block, scratch) -> plan.run(call, block, scratch));
  }

  private FusedBlocks plan(FusedProgram program) {
    if (plans.size() >= KEPT) {
      plans.clear();
    }
    return plans.computeIfAbsent(program, FusedBlocks::of);
  }
}
