package dev.mezzo.processor.problem;

import dev.mezzo.processor.model.SourcePosition;

/**
 * Something to tell the user.
 *
 * @param message as javac prints it: {@code [Mezzo:NoForward] class 'Mlp' …}
 * @param position the exact expression, name or annotation value
 */
public record Problem(Catalogue entry, String message, SourcePosition position) {

  /** Whether nothing may be generated for the layer. */
  public boolean isError() {
    return entry.severity() == Severity.ERROR;
  }
}
