package dev.mezzo.processor.emit;

import com.palantir.javapoet.AnnotationSpec;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Writes {@code @SourceLines}: the positions in the remarks at the lines' ends, for programs to
 * read. The lines of generated code are known once it is laid out, so the annotation is filled in
 * then.
 */
final class SourceLinesEmitter {
  private static final String UNKNOWN = "lines";
  private static final String EXTENSION = ".java";

  /** {@code first.forward(tape, x)}, {@code blocks.get(i).backward(tape, dy, true)}. */
  private static final Pattern CALL =
      Pattern.compile("(\\w+)(\\.get\\(.*\\))?\\.(?:forward|backward)\\(\\w+, ");

  private SourceLinesEmitter() {}

  /** {@code @SourceLines("Mlp.java 41:24:first 42:24 46:25")}, still without its value. */
  static AnnotationSpec annotation() {
    return AnnotationSpec.builder(Types.SOURCE_LINES).addMember("value", "$S", UNKNOWN).build();
  }

  /**
   * Gives the annotation in {@code code} its value.
   *
   * @param expressions formulas of several operations, with these and their lines in them
   */
  static String emit(String code, List<String> expressions) {
    StringBuilder value = new StringBuilder();
    String file = "";
    String last = "";
    int number = 0;
    for (String line : code.split("\n", -1)) {
      number++;
      int from = begin(line);
      int colon = line.indexOf(EXTENSION + ":", Math.max(from, 0)) + EXTENSION.length();
      String numbers = from < 0 ? "" : numbers(line, colon + 1);
      if (numbers.isEmpty()) {
        continue;
      }
      if (!line.startsWith(file + ":", from) || file.isEmpty()) {
        file = line.substring(from, colon);
        value.append(file).append(' ');
        last = "";
      }
      String place = numbers + called(line);
      if (!place.equals(last)) {
        last = place;
        value.append(number).append(':').append(place).append(' ');
      }
    }
    String all = value.toString().strip();
    String annotation = "@SourceLines(\"" + UNKNOWN + "\")";
    int at = code.indexOf(annotation);
    return at < 0
        ? code
        : code.substring(0, at)
            + annotation(all, expressions)
            + code.substring(at + annotation.length());
  }

  /** On one line, whose number the others depend on. */
  private static String annotation(String lines, List<String> expressions) {
    String value = "\"" + lines + "\"";
    return expressions.isEmpty()
        ? "@SourceLines(" + value + ")"
        : "@SourceLines(value = "
            + value
            + ", expressions = "
            + expressions.stream()
                .map(expression -> "\"" + expression + "\"")
                .collect(Collectors.joining(", ", "{", "}"))
            + ")";
  }

  /** The lines' numbers that begin there and end with the word, as in {@code 14,15}. */
  private static String numbers(String line, int from) {
    int end = from;
    while (end < line.length()
        && (Character.isDigit(line.charAt(end)) || line.charAt(end) == ',')) {
      end++;
    }
    boolean whole = end == line.length() || line.charAt(end) == ' ';
    return whole ? line.substring(from, end) : "";
  }

  /** Where the position in a remark, or in the text that an accumulation is given, may begin. */
  private static int begin(String line) {
    int place = line.indexOf(EXTENSION + ":");
    if (place < 0) {
      return -1;
    }
    int before = Math.max(line.lastIndexOf(' ', place), line.lastIndexOf('"', place));
    boolean remark = line.startsWith("// ", before - 2);
    return remark || (line.contains(".accumulate(") && line.startsWith("\"", before))
        ? before + 1
        : -1;
  }

  /** {@code :first} where a line calls a sub-layer, {@code :blocks.*} one of several. */
  private static String called(String line) {
    if (!line.contains(".forward(") && !line.contains(".backward(")) {
      return "";
    }
    Matcher call = CALL.matcher(line);
    return call.find() ? ":" + call.group(1) + (call.group(2) == null ? "" : ".*") : "";
  }
}
