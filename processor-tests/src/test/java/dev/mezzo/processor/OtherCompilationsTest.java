package dev.mezzo.processor;

import static com.google.testing.compile.CompilationSubject.assertThat;

import com.google.testing.compile.Compilation;
import com.google.testing.compile.Compiler;
import com.google.testing.compile.JavaFileObjects;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.tools.JavaFileObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sub-layers and operations from class files. */
class OtherCompilationsTest {
  private static final String HEADER =
      """
      package demo;
      import dev.mezzo.*;
      import dev.mezzo.annotations.*;
      """;

  private static final JavaFileObject NET =
      source(
          "Net",
          """
          @Half record Net(Block block) {
            Tensor forward(Tensor x) { return block.forward(x); }
          }
          """);

  private static final JavaFileObject BLOCK =
      source("Block", "@Half record Block() { Tensor forward(Tensor x) { return Ops.exp(x); } }");

  @TempDir Path classes;

  @Test
  void mixedFormIsReadFromItsClassFile() throws IOException {
    compileFirst(Compiler.javac().withProcessors(new MezzoProcessor()), BLOCK);
    Compilation compilation = compile(NET);
    assertThat(compilation).succeeded();
    assertThat(compilation)
        .generatedSourceFile("demo.MixedNet")
        .contentsAsUtf8String()
        .contains("output = FULL");
  }

  @Test
  void layerThatWasCompiledWithoutTheProcessorIsReported() throws IOException {
    compileFirst(Compiler.javac(), BLOCK);
    assertThat(compile(NET))
        .hadErrorContaining(
            "[Mezzo:MissingMixedForm] sub-layer 'block' has type Block, whose mixed form"
                + " 'MixedBlock' was not found; compile 'Block' with Mezzo's processor, too")
        .inFile(NET)
        .onLineContaining("Block block");
  }

  @Test
  void mixedFormOfAnotherVersionIsReported() throws IOException {
    compileFirst(
        Compiler.javac(),
        BLOCK,
        source(
            "MixedBlock",
            """
            @MixedForm(format = 99, of = Block.class, inputs = {}, differentiable = {},
                output = MixedForm.Precision.HALF, parameters = false)
            class MixedBlock {}
            """));
    Compilation compilation = compile(NET);
    assertThat(compilation).hadErrorCount(1);
    assertThat(compilation)
        .hadErrorContaining(
            "[Mezzo:UnknownMixedForm] sub-layer 'block' has type Block, whose mixed form"
                + " 'MixedBlock' has format 99, but must have format 1")
        .inFile(NET)
        .onLineContaining("Block block");
  }

  /** Its record of tensors, and its promise of gradients that there are not, included. */
  @Test
  void interfaceOfAnotherJarIsImplementedAndHeld() throws IOException {
    compileFirst(
        Compiler.javac().withProcessors(new MezzoProcessor()),
        source(
            "Cell",
            """
            @Full public interface Cell {
              record State(Tensor h, Tensor c) {}
              State forward(State s, Tensor ids);
            }
            """));
    Compilation compilation =
        compile(
            source(
                "Lookup",
                """
                @Half record Lookup(@MasterFp32 Parameter table) implements Cell {
                  public State forward(State s, Tensor ids) {
                    return new State(Ops.add(s.h(), Ops.embedding(table, ids)), s.c());
                  }
                }
                """),
            source(
                "Steps",
                """
                @Half record Steps(Cell cell, Lookup own) {
                  Tensor forward(Tensor h, Tensor ids) {
                    Cell.State s = own.forward(cell.forward(new Cell.State(h, h), ids), ids);
                    return Ops.add(s.h(), s.c());
                  }
                }
                """));
    assertThat(compilation).succeeded();
    assertThat(compilation)
        .generatedSourceFile("demo.MixedSteps")
        .contentsAsUtf8String()
        .contains("cell.backward(tape, dGiven, wantDh, wantDh, wantDIds)");
    assertThat(compilation)
        .generatedSourceFile("demo.MixedSteps")
        .contentsAsUtf8String()
        .contains("own.backward(tape, dS2, true, true)");
  }

  @Test
  void malformedOperationOfAClassFileIsReportedAtItsCall() throws IOException {
    compileFirst(
        Compiler.javac().withOptions("-parameters"),
        source(
            "Bad",
            """
            class Bad {
              @Op(PrecisionClass.FOLLOW) static Tensor bend(Tensor y) { return y; }
            }
            """));
    JavaFileObject caller =
        source(
            "Caller", "@Half record Caller() { Tensor forward(Tensor x) { return Bad.bend(x); } }");
    Compilation compilation = compile(caller);
    assertThat(compilation).hadErrorCount(1);
    assertThat(compilation)
        .hadErrorContaining("[Mezzo:MalformedOperation] @Op method 'bend'")
        .inFile(caller)
        .onLineContaining("Bad.bend(x)");
  }

  @Test
  void operationWithoutParameterNamesNeedsThemInTheAnnotation() throws IOException {
    compileFirst(
        Compiler.javac().withOptions("-g:none"),
        source(
            "Good",
            """
            class Good {
              @Op(value = PrecisionClass.FOLLOW, parameters = {"x", "angle"})
              static Tensor bend(Tensor x, float angle) { return x; }
              @Gradient(of = "bend", wrt = "x", reads = {"dy", "angle"})
              static Tensor bendGradient(Tensor dy, float angle) { return dy; }
            }
            """));
    assertThat(
            compile(
                source(
                    "Caller",
                    """
                    @Half record Caller() {
                      Tensor forward(Tensor x) { return Good.bend(x, 0.5f); }
                    }
                    """)))
        .succeeded();
  }

  private Compilation compile(JavaFileObject... sources) {
    List<File> path = new ArrayList<>(List.of(classes.toFile()));
    Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(File::new)
        .forEach(path::add);
    return Compiler.javac()
        .withProcessors(new MezzoProcessor())
        .withClasspath(path)
        .compile(sources);
  }

  private void compileFirst(Compiler compiler, JavaFileObject... sources) throws IOException {
    Compilation compilation = compiler.compile(sources);
    assertThat(compilation).succeeded();
    for (JavaFileObject file : compilation.generatedFiles()) {
      if (file.getKind() == JavaFileObject.Kind.CLASS) {
        Path target = classes.resolve(file.getName().replace("/CLASS_OUTPUT/", ""));
        Files.createDirectories(Objects.requireNonNull(target.getParent()));
        try (InputStream content = file.openInputStream()) {
          Files.copy(content, target);
        }
      }
    }
  }

  private static JavaFileObject source(String name, String code) {
    return JavaFileObjects.forSourceString("demo." + name, HEADER + code);
  }
}
