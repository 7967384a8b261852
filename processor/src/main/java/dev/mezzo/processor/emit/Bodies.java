package dev.mezzo.processor.emit;

import com.palantir.javapoet.CodeBlock;
import java.util.ArrayList;
import java.util.List;

/**
 * Long texts that JavaPoet does not write itself. It writes a line for each that says which one
 * belongs there, and what the types in it are called: so it imports them.
 */
final class Bodies {
  private static final String MARK = "\u00a7\u00a7 ";

  private final List<Code> bodies = new ArrayList<>();

  /** The line that stands for a text. */
  CodeBlock place(Code body) {
    CodeBlock.Builder line = CodeBlock.builder().add("$L", MARK + bodies.size());
    body.types().values().forEach(type -> line.add(" $T", type));
    bodies.add(body);
    return line.add("\n").build();
  }

  /** The lines with the texts in their places, each as far from the margin as its place. */
  List<String> resolve(List<String> lines) {
    List<String> resolved = new ArrayList<>();
    for (String line : lines) {
      int mark = line.indexOf(MARK);
      if (mark < 0) {
        resolved.add(line);
      } else {
        String margin = line.substring(0, mark);
        body(line.substring(mark + MARK.length()))
            .lines()
            .forEach(text -> resolved.add(margin + text));
      }
    }
    return resolved;
  }

  private String body(String place) {
    String[] names = place.split(" ", -1);
    Code body = bodies.get(Integer.parseInt(names[0]));
    String text = body.text();
    int next = 1;
    for (String mark : body.types().keySet()) {
      text = text.replace(mark, names[next++]);
    }
    return text;
  }
}
