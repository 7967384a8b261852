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
    StringBuilder json = new StringBuilder();
    write(json, value);
    return json.toString();
  }

  private static void write(StringBuilder json, Object value) {
    switch (value) {
      case String text -> string(json, text);
      case Map<?, ?> map -> {
        String before = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          string(json.append(before), entry.getKey().toString());
          write(json.append(": "), entry.getValue());
          before = ", ";
        }
        json.append(map.isEmpty() ? "{}" : "}");
      }
      case List<?> list -> {
        String before = "[";
        for (Object element : list) {
          write(json.append(before), element);
          before = ", ";
        }
        json.append(list.isEmpty() ? "[]" : "]");
      }
      case Number number -> json.append(number);
      case Boolean bool -> json.append(bool);
      default -> throw new IllegalArgumentException("no JSON: " + value.getClass());
    }
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
  private static void string(StringBuilder json, String text) {
    json.append('"');
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
    json.append('"');
  }
}
