package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.FusedKernels;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Runs programs: by a kernel of their own where NVRTC is there; else by that of {@code fused.cu},
 * which interprets them; those that it does not take by a kernel for each operation. The bits are
 * the same.
 */
final class Fused implements FusedKernels {

  private static final int OPERANDS = 16;
  private static final int RESULTS = 8;
  private static final int THREADS = 128; // fewer, as each needs shared memory
  private static final int POINTERS = 40; // of a kernel of its own: 4 KB of arguments

  private final Kernels kernels;
  private final Expressions expressions;
  private final FusedSteps steps;

  Fused(Kernels kernels, Expressions expressions) {
    this.kernels = kernels;
    this.expressions = expressions;
    this.steps = new FusedSteps(kernels);
  }

  @Override
  public void run(
      FusedProgram program, List<Operand> operands, List<Operand> results, Broadcast broadcast) {
    if (results.getFirst().size() == 0
        || runCompiled(program, operands, results, broadcast)
        || runInterpreted(program, operands, results, broadcast)) {
      return;
    }
    steps.run(program, operands, results, broadcast);
  }

  private boolean runCompiled(
      FusedProgram program, List<Operand> operands, List<Operand> results, Broadcast broadcast) {
    if (!expressions.available() || operands.size() + results.size() > POINTERS) {
      return false;
    }
    FusedForm form = FusedForm.of(program, operands, results, broadcast);
    OptionalLong kernel = expressions.kernel(form);
    if (kernel.isEmpty()) {
      return false;
    }
    List<Object> arguments = new ArrayList<>();
    operands.forEach(operand -> arguments.add(operand.data()));
    results.forEach(result -> arguments.add(result.data()));
    long size = results.getFirst().size();
    arguments.add(size);
    arguments.add(Walk.of(broadcast, form.walked()));
    kernels.eights(program.formula(), kernel.getAsLong(), size, arguments.toArray());
    return true;
  }

  private boolean runInterpreted(
      FusedProgram program, List<Operand> operands, List<Operand> results, Broadcast broadcast) {
    Optional<FusedCode> fitting = FusedCode.of(program);
    if (fitting.isEmpty() || operands.size() > OPERANDS || results.size() > RESULTS) {
      return false;
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
    long size = results.getFirst().size();
    long threads = Math.ceilDiv(size, Kernels.WIDTH);
    Grid grid = Grid.striding(threads, THREADS, 2 * kernels.fill()).shared(shared);
    long[] walk = Walk.of(broadcast, OPERANDS);
    kernels.launch("fused", grid, arrays.value(), size, walk, code.struct());
    return true;
  }
}
