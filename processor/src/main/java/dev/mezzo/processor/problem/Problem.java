package dev.mezzo.processor.problem;

import dev.mezzo.processor.model.SourcePosition;
import java.util.List;
import java.util.stream.Stream;

/**
 * Something to tell the user.
 *
 * @param message as javac prints it: {@code [Mezzo:NoForward] class 'Mlp' …}
 * @param position the exact expression, name or annotation value
 * @param notes the places that lead to it, in order
 */
public record Problem(Catalogue entry, String message, SourcePosition position, List<Note> notes) {

  /** The same problem, with where it comes from. */
  public Problem with(List<Note> more) {
    return new Problem(
        entry, message, position, Stream.concat(notes.stream(), more.stream()).toList());
  }

  /** Whether nothing may be generated for the layer. */
  public boolean isError() {
    return entry.severity() == Severity.ERROR;
  }
}
