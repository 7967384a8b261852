package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.FusedKernels;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import java.util.List;
import java.util.Optional;

/** Starts the kernel of {@code fused.cu}, which interprets a program, if it takes it. */
final class Fused implements FusedKernels {

  private static final int OPERANDS = 16;
  private static final int RESULTS = 8;
  private static final int THREADS = 128; // fewer, as each needs shared memory

  private final Kernels kernels;
  private final FusedSteps steps;

  Fused(Kernels kernels) {
    this.kernels = kernels;
    this.steps = new FusedSteps(kernels);
  }

  @Override
  public void run(
      FusedProgram program, List<Operand> operands, List<Operand> results, Broadcast broadcast) {
    long size = results.getFirst().size();
    if (size == 0) {
      return;
    }
    Optional<FusedCode> fitting = FusedCode.of(program);
    if (fitting.isEmpty() || operands.size() > OPERANDS || results.size() > RESULTS) {
      steps.run(program, operands, results, broadcast);
      return;
    }
    FusedCode code = fitting.get();
    Struct arrays = new Struct();
    for (int k = 0; k < OPERANDS; k++) {
      arrays.add(k < operands.size() ? operands.get(k) : null);
    }
    for (int k = 0; k < RESULTS; k++) {
      arrays.add(k < results.size() ? results.get(k) : null);
    }
    int shared = code.slots() * Kernels.WIDTH * Float.BYTES * THREADS;
    long threads = Math.ceilDiv(size, Kernels.WIDTH);
    Grid grid = Grid.striding(threads, THREADS, 2 * kernels.fill()).shared(shared);
    long[] walk = Walk.of(broadcast, OPERANDS);
    kernels.launch("fused", grid, arrays.value(), size, walk, code.struct());
  }
}
