package dev.mezzo.processor.report;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * JSON as text: maps in their own order, lists, strings, numbers and booleans; always the same
 * bytes for the same values. A library would be on the processor path of every user for this.
 */
final class Json {
  private Json() {}

  /** A value on one line. */
  static String of(Object value) {
    return switch (value) {
      case String text -> string(text);
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(entry -> string(entry.getKey().toString()) + ": " + of(entry.getValue()))
              .collect(Collectors.joining(", ", "{", "}"));
      case List<?> list -> list.stream().map(Json::of).collect(Collectors.joining(", ", "[", "]"));
      case Number number -> number.toString();
      case Boolean bool -> bool.toString();
      default -> throw new IllegalArgumentException("no JSON: " + value.getClass());
    };
  }

  /** A list with an element a line, at the given depth. */
  static String lines(List<String> elements, int depth) {
    String margin = "\n" + "  ".repeat(depth);
    return elements.isEmpty()
        ? "[]"
        : elements.stream()
            .collect(Collectors.joining("," + margin + "  ", "[" + margin + "  ", margin + "]"));
  }

  /** A string; beyond ASCII as it is, but {@code <}, which would end a script in a page. */
  private static String string(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> json.append('\\').append(c);
        case '\n' -> json.append("\\n");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ' || c == '<' || c == '\u2028' || c == '\u2029') {
            json.append(String.format("\\u%04x", (int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    return json.append('"').toString();
  }
}
