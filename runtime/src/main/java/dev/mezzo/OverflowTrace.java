package dev.mezzo;

import dev.mezzo.backend.Operand;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks for the first kernel of a step that writes a value that is not finite. The step is run once
 * more for that, since looking at every result is slow: steps that go well pay nothing.
 */
final class OverflowTrace implements KernelListener {

  private final Device device;
  private boolean given;
  private @Nullable String expression;
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

  @Override
  public void expression(String formula) {
    expression = formula;
  }

  @Override
  public void before(List<Operand> operands) {
    given = origin == null && hasNonFinite(operands);
  }

  @Override
  public void after(List<Operand> results) {
    if (origin == null && hasNonFinite(results)) {
      origin = ModelLines.current().map(this::origin).orElse(null);
    }
    expression = null;
  }

  private Origin origin(ModelLines at) {
    String operation = expression == null ? at.operation() : expression;
    return new Origin(operation, at.lines(), at.backward(), given);
  }

  private boolean hasNonFinite(List<Operand> operands) {
    return operands.stream()
        .anyMatch(operand -> ExponentHistogram.of(device, operand, 1f).notFinite() > 0);
  }
}
