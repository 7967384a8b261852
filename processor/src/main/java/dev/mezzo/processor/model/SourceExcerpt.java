package dev.mezzo.processor.model;

import java.util.Map;

/**
 * The text of a class.
 *
 * @param text from its first annotation or modifier to its last brace
 * @param line that it begins on
 * @param spans where positions stand in the text, those that the compiler knows the ends of
 */
public record SourceExcerpt(String text, int line, Map<SourcePosition, Span> spans) {

  /** From a character up to another, which is not part of it. */
  public record Span(int begin, int end) {}
}
