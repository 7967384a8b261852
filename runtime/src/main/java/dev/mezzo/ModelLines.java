package dev.mezzo;

import dev.mezzo.annotations.SourceLines;
import java.lang.StackWalker.StackFrame;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Where in the model the current thread is: the generated methods on its stack, in the lines of the
 * model that they stand for.
 *
 * @param operation what the innermost generated method has called: {@code exp}
 * @param lines the outermost first
 * @param backward whether the outermost method is a backward
 */
record ModelLines(String operation, List<String> lines, boolean backward) {

  private static final StackWalker WALKER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  /** Empty outside of generated code. */
  static Optional<ModelLines> current() {
    return WALKER.walk(frames -> read(frames.toList()));
  }

  private static Optional<ModelLines> read(List<StackFrame> frames) {
    List<String> lines = new ArrayList<>();
    String operation = "";
    boolean backward = false;
    for (int i = 1; i < frames.size(); i++) {
      StackFrame frame = frames.get(i);
      SourceLines source = frame.getDeclaringClass().getAnnotation(SourceLines.class);
      if (source == null || isStep(frame)) {
        continue;
      }
      if (lines.isEmpty()) {
        operation = frames.get(i - 1).getMethodName();
      }
      backward = frame.getMethodName().toLowerCase(Locale.ROOT).endsWith("backward");
      line(source.value(), frame.getLineNumber()).ifPresent(lines::add);
    }
    Collections.reverse(lines);
    return lines.isEmpty()
        ? Optional.empty()
        : Optional.of(new ModelLines(operation, lines, backward));
  }

  /** The training's step, which calls forward and backward, and stands for no line of the model. */
  private static boolean isStep(StackFrame frame) {
    String name = frame.getMethodName();
    return name.equals("step") || name.startsWith("lambda$");
  }

  /** As in {@code Mlp.java:24}. */
  private static Optional<String> line(String source, int generated) {
    TreeMap<Integer, String> starts = new TreeMap<>();
    String file = "";
    for (String part : source.split(" ", -1)) {
      int colon = part.indexOf(':');
      if (colon < 0) {
        file = part;
      } else {
        starts.put(Integer.valueOf(part.substring(0, colon)), file + part.substring(colon));
      }
    }
    return Optional.ofNullable(starts.floorEntry(generated)).map(Map.Entry::getValue);
  }
}
