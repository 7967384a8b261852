package dev.mezzo.processor.emit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Lays the code out where JavaPoet's way is not the one that an engineer would choose: fields
 * without blank lines between, short comments and annotations on one line, the remarks at the
 * lines' ends in one column within a method, long calls wrapped.
 */
final class CodeLayout {
  private static final String MARK = " //\u00a7 ";
  private static final int WIDTH = 120;
  private static final int COLUMN = 88;

  private CodeLayout() {}

  /** A remark that {@link #of} will put in its place. */
  static String mark(String remark) {
    return MARK + remark;
  }

  static String of(String code, Bodies bodies) {
    List<String> lines =
        joined(joined(List.of(code.split("\n", -1)), "/**", "*/", " * "), "@MixedForm(", ")", "");
    return String.join("\n", remarks(bodies.resolve(fields(lines))));
  }

  /** Puts what stands between two lines on one, if there is room. */
  private static List<String> joined(List<String> lines, String first, String last, String prefix) {
    List<String> joined = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      int end = i;
      if (lines.get(i).strip().equals(first)) {
        while (!lines.get(end).strip().equals(last)) {
          end++;
        }
      }
      String line = end == i ? lines.get(i) : join(lines.subList(i, end + 1), prefix);
      boolean paragraph = prefix.isEmpty() || end - i == 2;
      if (end > i && paragraph && line.length() <= WIDTH) {
        joined.add(line);
      } else {
        joined.addAll(lines.subList(i, end + 1));
      }
      i = end;
    }
    return joined;
  }

  private static String join(List<String> lines, String prefix) {
    StringBuilder line = new StringBuilder(lines.getFirst());
    boolean comment = !prefix.isEmpty();
    for (String part : lines.subList(1, lines.size() - 1)) {
      String content = part.strip();
      if (comment) {
        line.append(' ').append(content.substring(content.startsWith("* ") ? 2 : 1));
      } else {
        line.append(content).append(content.endsWith(",") ? " " : "");
      }
    }
    return line.append(comment ? " " : "").append(lines.getLast().strip()).toString();
  }

  private static List<String> fields(List<String> lines) {
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      boolean between =
          lines.get(i).isEmpty()
              && i > 0
              && i + 1 < lines.size()
              && isField(lines.get(i - 1))
              && isField(lines.get(i + 1))
              && isConstant(lines.get(i - 1)) == isConstant(lines.get(i + 1));
      if (!between) {
        kept.add(lines.get(i));
      }
    }
    return kept;
  }

  private static boolean isField(String line) {
    return line.startsWith("  private ") && line.endsWith(";");
  }

  private static boolean isConstant(String line) {
    return line.startsWith("  private static ");
  }

  private static List<String> remarks(List<String> lines) {
    List<String> aligned = new ArrayList<>();
    List<String> method = new ArrayList<>();
    for (String line : lines) {
      method.add(line);
      if (line.equals("  }")) {
        align(method, aligned);
      }
    }
    align(method, aligned);
    return aligned;
  }

  private static void align(List<String> method, List<String> aligned) {
    int column = 0;
    for (String line : method) {
      int end = line.indexOf(MARK);
      column = end <= COLUMN ? Math.max(column, end) : column;
    }
    for (String line : method) {
      int end = line.indexOf(MARK);
      if (end < 0) {
        wrap(line, aligned);
      } else {
        String remark = "// " + line.substring(end + MARK.length());
        place(line.substring(0, end), remark, column, aligned);
      }
    }
    method.clear();
  }

  /** Too long a line has its remark above. */
  private static void place(String statement, String remark, int column, List<String> aligned) {
    int padding = Math.max(column - statement.length(), 0) + 1;
    if (statement.length() + padding + remark.length() > WIDTH) {
      padding = 1;
    }
    if (statement.length() + padding + remark.length() > WIDTH) {
      aligned.add(" ".repeat(indent(statement)) + remark);
      wrap(statement, aligned);
    } else {
      aligned.add(statement + " ".repeat(padding) + remark);
    }
  }

  /** Breaks too long a statement behind a comma, or before a ? or :, or else leaves it. */
  private static void wrap(String line, List<String> wrapped) {
    if (line.length() <= WIDTH) {
      wrapped.add(line);
      return;
    }
    int indent = indent(line);
    int comma = line.lastIndexOf(", ", WIDTH - 1);
    if (comma <= indent) {
      comma = choice(line, indent) - 1;
    }
    boolean comment = line.startsWith("*", indent) || line.startsWith("//", indent);
    if (comment || comma <= indent || inText(line, comma)) {
      wrapped.add(line);
      return;
    }
    wrapped.add(line.substring(0, comma + 1));
    String rest = line.substring(comma + 2);
    wrap(" ".repeat(indent + 4) + rest, wrapped);
  }

  /** The last place before a ? or :, or behind a case, that lines may be broken at; 0 if none. */
  private static int choice(String line, int indent) {
    int place =
        IntStream.of(
                line.lastIndexOf(" ? ", WIDTH),
                line.lastIndexOf(" : ", WIDTH),
                line.lastIndexOf("; case ", WIDTH - 1) + 1,
                line.lastIndexOf("; default ", WIDTH - 1) + 1)
            .max()
            .orElse(0);
    return place > indent && !line.startsWith("for (", indent) ? place : 0;
  }

  private static boolean inText(String line, int index) {
    return line.chars().limit(index).filter(c -> c == '"').count() % 2 == 1;
  }

  private static int indent(String line) {
    int indent = 0;
    while (indent < line.length() && line.charAt(indent) == ' ') {
      indent++;
    }
    return indent;
  }
}
