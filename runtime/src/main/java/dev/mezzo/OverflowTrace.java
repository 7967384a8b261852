package dev.mezzo;

import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the first kernel of a step that writes a value that is not finite; in an expression for
 * the operation. The step is run once more for that, since looking at every result is slow: steps
 * that go well pay nothing.
 */
final class OverflowTrace implements KernelListener {

  private final Device device;
  private boolean given;
  private @Nullable FusedProgram expression;
  private Optional<Integer> part = Optional.empty();
  private @Nullable Origin origin;

  private OverflowTrace(Device device) {
    this.device = device;
  }

  /** What {@code step}, run again, finds; empty if all its values are finite this time. */
  static Optional<Origin> of(Device device, Runnable step) {
    OverflowTrace trace = new OverflowTrace(device);
    device.watch(trace, step);
    return Optional.ofNullable(trace.origin);
  }

  /** What kernels compute is looked at before an expression reads it. */
  @Override
  public boolean finishes() {
    return false;
  }

  /** Each value is looked at before the kernel runs: its operands may be gone then. */
  @Override
  public void expression(Expression about) {
    expression = about.program();
    part = Optional.empty();
    if (origin == null && about.size() <= Integer.MAX_VALUE) {
      Shape shape = Shape.of((int) about.size());
      try (Tensor value = Tensor.allocate(device, shape, DType.FP32)) {
        part = firstNotFinite(about, value.operand());
      }
    }
  }

  private Optional<Integer> firstNotFinite(Expression about, Operand into) {
    for (int i = about.program().operands(); i < about.program().values(); i++) {
      about.compute(i, into);
      if (hasNonFinite(List.of(into))) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  @Override
  public void before(List<Operand> operands) {
    given = origin == null && hasNonFinite(operands);
  }

  @Override
  public void after(List<Operand> results) {
    if (origin == null && hasNonFinite(results)) {
      origin = ModelLines.current().map(at -> origin(at, results)).orElse(null);
    }
    expression = null;
  }

  private Origin origin(ModelLines at, List<Operand> results) {
    FusedProgram program = expression;
    if (program == null) {
      return new Origin(at.operation(), at.lines(), at.backward(), given);
    }
    int value = part.orElseGet(() -> program.results().get(firstNotFinite(results)));
    Optional<ExpressionPart> found = ExpressionPart.of(at.expressions(), program, value);
    List<String> lines = new ArrayList<>(at.lines());
    found.ifPresent(is -> lines.set(lines.size() - 1, is.line(lines.getLast())));
    String formula = program.formula();
    String operation = found.map(is -> is.operation() + " (in " + formula + ")").orElse(formula);
    return new Origin(operation, lines, at.backward(), given);
  }

  /** A result that is finite before its rounding, and not behind it. */
  private int firstNotFinite(List<Operand> results) {
    int index = 0;
    while (!hasNonFinite(List.of(results.get(index)))) {
      index++;
    }
    return index;
  }

  private boolean hasNonFinite(List<Operand> operands) {
    return operands.stream()
        .anyMatch(operand -> ExponentHistogram.of(device, operand, 1f).notFinite() > 0);
  }
}
