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
 * @param layer the innermost layer's path in the model, as in {@code net.first}; empty of the model
 * @param type its class, by its simple name
 * @param lines the outermost first
 * @param expressions of the innermost generated class, as {@link SourceLines#expressions} has them
 * @param backward whether the outermost method is a backward
 */
record ModelLines(
    String operation,
    String layer,
    String type,
    List<String> lines,
    List<String> expressions,
    boolean backward) {

  private static final String FORM = "Mixed";

  private static final StackWalker WALKER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  /** Empty outside of generated code. */
  static Optional<ModelLines> current() {
    return WALKER.walk(frames -> read(frames.toList()));
  }

  /** The same in a layer whose path is known better. */
  ModelLines in(String path) {
    return new ModelLines(operation, path, type, lines, expressions, backward);
  }

  private static Optional<ModelLines> read(List<StackFrame> frames) {
    List<String> lines = new ArrayList<>();
    List<String> layers = new ArrayList<>();
    String operation = "";
    String type = "";
    List<String> expressions = List.of();
    boolean backward = false;
    for (int i = 1; i < frames.size(); i++) {
      StackFrame frame = frames.get(i);
      SourceLines source = frame.getDeclaringClass().getAnnotation(SourceLines.class);
      if (source == null || isStep(frame)) {
        continue;
      }
      if (lines.isEmpty()) {
        operation = frames.get(i - 1).getMethodName();
        expressions = List.of(source.expressions());
        type = frame.getDeclaringClass().getSimpleName().substring(FORM.length());
      }
      backward = frame.getMethodName().toLowerCase(Locale.ROOT).endsWith("backward");
      Optional<Line> line = line(source.value(), frame.getLineNumber());
      line.ifPresent(found -> lines.add(found.text));
      line.filter(found -> !found.layer.isEmpty()).ifPresent(found -> layers.add(found.layer));
    }
    Collections.reverse(lines);
    Collections.reverse(layers);
    return lines.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ModelLines(
                operation, String.join(".", layers), type, lines, expressions, backward));
  }

  /** The training's step, which calls forward and backward, and stands for no line of the model. */
  private static boolean isStep(StackFrame frame) {
    String name = frame.getMethodName();
    return name.equals("step") || name.startsWith("lambda$");
  }

  /**
   * A line of the model.
   *
   * @param text as in {@code Mlp.java:24}
   * @param layer the sub-layer that it calls; empty for none
   */
  private record Line(String text, String layer) {}

  private static Optional<Line> line(String source, int generated) {
    TreeMap<Integer, Line> starts = new TreeMap<>();
    String file = "";
    for (String part : source.split(" ", -1)) {
      String[] numbers = part.split(":", -1);
      if (numbers.length == 1) {
        file = part;
      } else {
        String layer = numbers.length > 2 ? numbers[2] : "";
        starts.put(Integer.valueOf(numbers[0]), new Line(file + ":" + numbers[1], layer));
      }
    }
    return Optional.ofNullable(starts.floorEntry(generated)).map(Map.Entry::getValue);
  }
}
