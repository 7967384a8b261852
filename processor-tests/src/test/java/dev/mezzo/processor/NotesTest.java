package dev.mezzo.processor;

import static com.google.testing.compile.CompilationSubject.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.testing.compile.Compilation;
import com.google.testing.compile.Compiler;
import com.google.testing.compile.JavaFileObjects;
import java.util.List;
import javax.tools.JavaFileObject;
import org.junit.jupiter.api.Test;

/** Notes behind an error lead to its cause, each at its own place, also in other files. */
class NotesTest {
  private static final JavaFileObject SCALES =
      JavaFileObjects.forSourceString(
          "demo.Scales",
          """
          package demo;
          import dev.mezzo.*;
          class Scales {
            static Tensor scaled(Tensor x) {
              return floored(x);
            }
            static Tensor floored(Tensor x) {
              double value = Math.floor(x.item());
              return Ops.scale(x, (float) value);
            }
          }
          """);

  @Test
  void chainOfCallsGoesFromForwardToTheCauseInAnotherFile() {
    Compilation compilation =
        compile(
            net(
                "  Tensor forward(Tensor x) {",
                "    return helped(Ops.relu(x));",
                "  }",
                "  private Tensor helped(Tensor x) {",
                "    return Scales.scaled(x);",
                "  }"),
            SCALES);
    assertThat(compilation)
        .hadErrorContaining(
            "[Mezzo:NotDifferentiable] 'forward' is not differentiable: it calls helped(…) at"
                + " Net.java:7, which calls scaled(…) at Net.java:10, which calls floored(…) at"
                + " Scales.java:5, which calls Math.floor on a tensor's value at Scales.java:8; use"
                + " operations there, or annotate 'scaled' with @Op");
    assertEquals(
        List.of(
            "Net.java:7: 'forward' calls 'helped' here",
            "Scales.java:5: it calls floored(…) here",
            "Scales.java:8: it calls Math.floor on a tensor's value here"),
        notes(compilation));
  }

  @Test
  void problemInAHelperNotesWhereItIsCalled() {
    Compilation compilation =
        compile(
            net(
                "  Tensor forward(Tensor x) {",
                "    return helped(x);",
                "  }",
                "  private Tensor helped(Tensor x) {",
                "    return null;",
                "  }"));
    assertThat(compilation).hadErrorContaining("[Mezzo:UnsupportedConstruct]");
    assertEquals(List.of("Net.java:7: 'forward' calls 'helped' here"), notes(compilation));
  }

  @Test
  void shapesNoteWhereTheyComeFrom() {
    Compilation compilation =
        compile(
            net(
                "  Tensor forward(@Dims(\"batch, 4\") Tensor x) {",
                "    Tensor h = Ops.relu(x);",
                "    return Ops.matmul(h, x);",
                "  }"));
    assertThat(compilation)
        .hadErrorContaining(
            "'matmul' is given a (batch, 4) and b (batch, 4), but 'k' is 4 in 'a' and batch in"
                + " 'b'");
    assertEquals(
        List.of("Net.java:7: result of 'relu' is (batch, 4)", "Net.java:6: 'x' is (batch, 4)"),
        notes(compilation));
  }

  private static List<String> notes(Compilation compilation) {
    return compilation.notes().stream()
        .filter(note -> note.getSource() != null)
        .map(
            note ->
                note.getSource().getName().replaceAll(".*/", "")
                    + ":"
                    + note.getLineNumber()
                    + ": "
                    + note.getMessage(null))
        .toList();
  }

  private static Compilation compile(JavaFileObject... sources) {
    return Compiler.javac().withProcessors(new MezzoProcessor()).compile(sources);
  }

  private static JavaFileObject net(String... members) {
    return JavaFileObjects.forSourceString(
        "demo.Net",
        """
        package demo;
        import dev.mezzo.*;
        import dev.mezzo.annotations.*;
        @Half
        record Net() {
        """
            + String.join("\n", members)
            + "\n}\n");
  }
}
