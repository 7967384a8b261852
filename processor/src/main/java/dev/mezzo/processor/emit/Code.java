package dev.mezzo.processor.emit;

import com.palantir.javapoet.ClassName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collector;
import java.util.stream.Collectors;

/**
 * Text of a method's body. As JavaPoet's code block, but formatted once, where it is made: bodies
 * are nearly all of the generated code, and JavaPoet goes through everything twice.
 *
 * @param text where a type stands between marks, since how it is called depends on the imports
 */
record Code(String text) {
  private static final char BEGIN = '\u0001';
  private static final char END = '\u0002';
  private static final char SEPARATOR = '/';
  private static final String INDENT = "  ";

  /**
   * Code from a format: {@code $L} is a text or code, {@code $S} a string literal, {@code $T} a
   * class, {@code $$} a dollar sign.
   */
  static Code of(String format, Object... arguments) {
    StringBuilder text = new StringBuilder();
    format(text, format, arguments);
    return new Code(text.toString());
  }

  static Builder builder() {
    return new Builder();
  }

  static Collector<Code, ?, Code> joining(String separator) {
    return Collectors.collectingAndThen(
        Collectors.mapping(Code::text, Collectors.joining(separator)), Code::new);
  }

  /** The types in it, by the marked text that stands for each. */
  Map<String, ClassName> types() {
    Map<String, ClassName> types = new LinkedHashMap<>();
    for (int begin = text.indexOf(BEGIN); begin >= 0; begin = text.indexOf(BEGIN, begin + 1)) {
      types.computeIfAbsent(text.substring(begin, text.indexOf(END, begin) + 1), Code::unmark);
    }
    return types;
  }

  private static String mark(ClassName type) {
    return BEGIN + type.packageName() + SEPARATOR + String.join(".", type.simpleNames()) + END;
  }

  private static ClassName unmark(String mark) {
    int name = mark.indexOf(SEPARATOR);
    return Types.of(mark.substring(1, name), mark.substring(name + 1, mark.length() - 1));
  }

  private static void format(StringBuilder text, String format, Object... arguments) {
    int next = 0;
    int from = 0;
    for (int at = format.indexOf('$'); at >= 0; at = format.indexOf('$', from)) {
      text.append(format, from, at);
      from = at + 2;
      switch (format.charAt(at + 1)) {
        case 'L' -> text.append(arguments[next++]);
        case 'S' -> literal(text, arguments[next++].toString());
        case 'T' -> text.append(mark((ClassName) arguments[next++]));
        case '$' -> text.append('$');
        default -> throw new IllegalArgumentException("format '" + format + "'");
      }
    }
    text.append(format, from, format.length());
  }

  private static void literal(StringBuilder text, String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\');
      }
      text.append(c);
    }
    text.append('"');
  }

  @Override
  public String toString() {
    return text;
  }

  /** Adds up code, line by line where it begins blocks. */
  static final class Builder {
    private final StringBuilder text = new StringBuilder();
    private int depth;

    Builder add(String format, Object... arguments) {
      format(text, format, arguments);
      return this;
    }

    Builder add(Code code) {
      text.append(code.text);
      return this;
    }

    /** A line of its own, as deep as the blocks around it. */
    Builder line(Code code, String end) {
      text.append(INDENT.repeat(depth)).append(code.text).append(end).append('\n');
      return this;
    }

    /** Opens a block: {@code if (wantDx)} and a brace. */
    Builder beginControlFlow(String format, Object... arguments) {
      return begin(of(format, arguments), "");
    }

    /** A line that begins a block, with what stands behind the brace. */
    Builder begin(Code head, String end) {
      line(head, " {" + end);
      depth++;
      return this;
    }

    /** <code>} else {</code>. */
    Builder nextControlFlow(String format, Object... arguments) {
      return next(of(format, arguments), "");
    }

    /** A line that ends one block and begins another. */
    Builder next(Code head, String end) {
      depth--;
      return begin(of("} $L", head), end);
    }

    Builder endControlFlow() {
      depth--;
      line(new Code("}"), "");
      return this;
    }

    Code build() {
      return new Code(text.toString());
    }
  }
}
