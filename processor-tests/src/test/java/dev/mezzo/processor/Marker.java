package dev.mezzo.processor;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;

/**
 * An expected diagnostic: {@code // ERROR Id: snippet} at a line's end, where the snippet is the
 * text of the line at which the compiler points.
 *
 * @param kind {@code ERROR} or {@code WARNING}
 * @param column from 1
 */
record Marker(String kind, String id, long line, long column) {
  private static final Pattern MARKER =
      Pattern.compile("// (ERROR|WARNING) (\\w+): (.*?)(?= // |$)");
  private static final Pattern ID = Pattern.compile("^\\[Mezzo:(\\w+)] ", Pattern.DOTALL);

  /** The markers in a source, in order. */
  static List<Marker> in(String source) {
    List<Marker> markers = new ArrayList<>();
    List<String> lines = source.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      Matcher marker = MARKER.matcher(line);
      while (marker.find()) {
        int column = line.indexOf(marker.group(3)) + 1;
        markers.add(new Marker(marker.group(1), marker.group(2), i + 1, column));
      }
    }
    return markers;
  }

  /** What the compiler has printed; of javac's own messages the id is the whole text. */
  static Marker of(Diagnostic<?> diagnostic) {
    String message = diagnostic.getMessage(null);
    Matcher id = ID.matcher(message);
    return new Marker(
        diagnostic.getKind() == Diagnostic.Kind.ERROR ? "ERROR" : "WARNING",
        id.find() ? id.group(1) : message,
        diagnostic.getLineNumber(),
        diagnostic.getColumnNumber());
  }
}
