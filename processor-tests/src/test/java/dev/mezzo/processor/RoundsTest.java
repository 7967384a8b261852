package dev.mezzo.processor;

import static com.google.testing.compile.CompilationSubject.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.testing.compile.Compilation;
import com.google.testing.compile.Compiler;
import com.google.testing.compile.JavaFileObjects;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.List;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.TypeElement;
import javax.tools.JavaFileObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Other processors, several rounds, and a second compilation. */
class RoundsTest {
  private static final String HEADER =
      """
      package demo;
      import static dev.mezzo.Ops.*;
      import dev.mezzo.*;
      import dev.mezzo.annotations.*;
      """;

  private static final JavaFileObject NET =
      source("Net", "@Half record Net(Block block) { %s }", "return block.forward(x);");

  private static final String BLOCK =
      HEADER
          + "@Half record Block(int n) { Block { n++; } Tensor forward(Tensor x) { return x; } }";

  @Test
  void layerOfAGeneratedSubLayerWaitsForIt() {
    Compilation compilation =
        Compiler.javac()
            .withProcessors(new Generating("demo.Block", BLOCK), new MezzoProcessor())
            .compile(NET);
    assertThat(compilation).succeeded();
    assertThat(compilation).generatedSourceFile("demo.MixedBlock");
    assertThat(compilation).generatedSourceFile("demo.MixedNet");
  }

  @Test
  void bodyThatNamesAGeneratedClassWaitsForIt() {
    JavaFileObject net =
        source("Net", "@Half record Net() { %s }", "return scale(x, Settings.FACTOR);");
    Compilation compilation =
        Compiler.javac()
            .withProcessors(
                new Generating(
                    "demo.Settings",
                    "package demo; class Settings { static final float FACTOR = 2; }"),
                new MezzoProcessor())
            .compile(net);
    assertThat(compilation).succeeded();
    assertThat(compilation).generatedSourceFile("demo.MixedNet");
  }

  @Test
  void annotationsAreClaimed() {
    JavaFileObject net = source("Net", "@Half @MasterFp32 record Net() { %s }", "return exp(x);");
    assertThat(
            Compiler.javac()
                .withProcessors(new MezzoProcessor())
                .withOptions("-Xlint:processing", "-Werror")
                .compile(net))
        .succeededWithoutWarnings();
  }

  @Test
  void laterProcessorsAreAskedAboutAllOtherAnnotations() {
    JavaFileObject net =
        source("Net", "@Half @Deprecated record Net() { %s }", "return scale(x, Later.FACTOR);");
    Compilation compilation =
        Compiler.javac()
            .withProcessors(
                new MezzoProcessor(),
                new Generating(
                    "demo.Later", "package demo; class Later { static final float FACTOR = 2; }"))
            .compile(net);
    assertThat(compilation).succeeded();
    assertThat(compilation).generatedSourceFile("demo.MixedNet");
  }

  /** Where all annotations are Mezzo's, a processor for all others comes first, or not at all. */
  @Test
  void processorsThatComeFirstAreAskedInAnyCase() {
    JavaFileObject net = source("Net", "@Half record Net() { %s }", "return scale(x, 2);");
    String code = "package demo; class Other {}";
    Compilation first =
        Compiler.javac()
            .withProcessors(new Generating("demo.Other", code), new MezzoProcessor())
            .compile(net);
    assertThat(first).generatedSourceFile("demo.Other");
    assertThat(first).generatedSourceFile("demo.MixedNet");
    Compilation last =
        Compiler.javac()
            .withProcessors(new MezzoProcessor(), new Generating("demo.Other", code))
            .compile(net);
    assertEquals(
        List.of("/SOURCE_OUTPUT/demo/MixedNet.java"),
        last.generatedSourceFiles().stream().map(JavaFileObject::getName).toList());
  }

  /** Types of another processor, wherever a layer names them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "record Net(Settings s) | return scale(x, s.factor());",
        "record Net() | return bent(x, new Settings(2));",
        "record Net() | var s = new Settings(2); return scale(x, s.factor());",
        "record Net() | return Settings.bend(x);",
        "record Net() | return scale(x, Settings.FACTORS[0]);",
        "record Net() | return scale(x, Settings.of(x.shape().dim(0)).factor());",
      })
  void layerThatNamesAGeneratedTypeWaitsForIt(String head, String body) {
    JavaFileObject net =
        source(
            "Net",
            "@Half "
                + head
                + " { %s Tensor bent(Tensor x, Settings s) { return scale(x, s.factor()); } }",
            body);
    Compilation compilation =
        Compiler.javac()
            .withProcessors(
                new Generating(
                    "demo.Settings",
                    HEADER
                        + """
                        record Settings(float factor) {
                          static final float[] FACTORS = {2};
                          static Settings of(int n) { return new Settings(n); }
                          @Op(PrecisionClass.FOLLOW) static Tensor bend(Tensor x) { return x; }
                        }
                        """),
                new MezzoProcessor())
            .compile(net);
    assertThat(compilation).succeededWithoutWarnings();
    assertThat(compilation).generatedSourceFile("demo.MixedNet");
  }

  /** Also where it is what the layer inherits from. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "record Net() implements Base | interface Base { default float factor() { return 2; } }",
        "class Net extends Base | @Half abstract class Base { public abstract Tensor forward(Tensor x); float factor() { return 2; } }",
        "record Net() implements Base | @Half interface Base { Tensor forward(Tensor x); default float factor() { return 2; } }",
      })
  void layerWithAGeneratedSupertypeWaitsForIt(String head, String base) {
    JavaFileObject net =
        JavaFileObjects.forSourceString(
            "demo.Net",
            HEADER
                + "@Half "
                + head
                + " { public Tensor forward(Tensor x) { return scale(x, factor()); } }");
    Compilation compilation =
        Compiler.javac()
            .withProcessors(new Generating("demo.Base", HEADER + base), new MezzoProcessor())
            .compile(net);
    assertThat(compilation).succeededWithoutWarnings();
    assertThat(compilation).generatedSourceFile("demo.MixedNet");
  }

  @Test
  void formOfAGeneratedInterfaceIsImplemented() {
    JavaFileObject net =
        JavaFileObjects.forSourceString(
            "demo.Net",
            HEADER
                + "@Half record Net() implements Base { public Tensor forward(Tensor x) { return relu(x); } }");
    String base = HEADER + "@Half interface Base { Tensor forward(Tensor x); }";
    Compilation compilation =
        Compiler.javac()
            .withProcessors(new Generating("demo.Base", base), new MezzoProcessor())
            .compile(net);
    assertThat(compilation).succeeded();
    assertThat(compilation)
        .generatedSourceFile("demo.MixedNet")
        .contentsAsUtf8String()
        .contains("class MixedNet implements MixedBase");
  }

  @Test
  void misspeltNameIsJavacsErrorAndAWarning() {
    JavaFileObject net = source("Net", "@Half record Net() { %s }", "return rleu(x);");
    Compilation compilation = Compiler.javac().withProcessors(new MezzoProcessor()).compile(net);
    assertThat(compilation).hadErrorCount(1);
    assertThat(compilation).hadErrorContaining("cannot find symbol");
    assertThat(compilation)
        .hadWarningContaining("[Mezzo:NotResolved] mixed form of 'Net' is not generated")
        .inFile(net)
        .onLineContaining("rleu");
  }

  @Test
  void classMayUseItsOwnMixedForm() {
    JavaFileObject net =
        JavaFileObjects.forSourceString(
            "demo.Net",
            HEADER
                + """
                @LossScaled record Net(int n) {
                  Net {
                    if (n < 0) throw new IllegalArgumentException();
                  }
                  Tensor loss(Tensor x) { return mean(x); }
                  static MixedNet create() {
                    var builder = MixedNet.training(new Net(1));
                    return builder.build();
                  }
                }
                """);
    assertThat(Compiler.javac().withProcessors(new MezzoProcessor()).compile(net)).succeeded();
  }

  @Test
  void secondCompilationGeneratesTheSameBytes() throws IOException {
    JavaFileObject block = JavaFileObjects.forSourceString("demo.Block", BLOCK);
    List<JavaFileObject> first = generated(NET, block);
    List<JavaFileObject> second = generated(block, NET);
    assertEquals(2, first.size());
    for (JavaFileObject file : first) {
      JavaFileObject same =
          second.stream()
              .filter(other -> other.getName().equals(file.getName()))
              .findFirst()
              .orElseThrow();
      assertEquals(file.getCharContent(false).toString(), same.getCharContent(false).toString());
    }
  }

  @Test
  void warningsOfJavacAreNotDoubled() {
    JavaFileObject net =
        JavaFileObjects.forSourceString(
            "demo.Net",
            HEADER
                + """
                @Half record Net() {
                  @Deprecated static class Old {}
                  Tensor forward(Tensor x) { return x; }
                }
                class User { Object old = new Net.Old(); }
                """);
    Compilation compilation =
        Compiler.javac()
            .withProcessors(new MezzoProcessor())
            .withOptions("-Xlint:deprecation")
            .compile(net);
    assertEquals(
        1,
        compilation.warnings().stream()
            .filter(warning -> warning.getMessage(null).contains("deprecated"))
            .count());
  }

  private static List<JavaFileObject> generated(JavaFileObject... sources) {
    Compilation compilation =
        Compiler.javac().withProcessors(new MezzoProcessor()).compile(sources);
    assertThat(compilation).succeeded();
    return compilation.generatedFiles().stream()
        .filter(file -> file.getKind() == JavaFileObject.Kind.SOURCE)
        .toList();
  }

  private static JavaFileObject source(String name, String type, String body) {
    String forward = "Tensor forward(Tensor x) { " + body + " }";
    return JavaFileObjects.forSourceString("demo." + name, HEADER + type.formatted(forward));
  }

  /** Generates one class in the first round. */
  private static final class Generating extends AbstractProcessor {
    private final String name;
    private final String code;
    private boolean done;

    Generating(String name, String code) {
      this.name = name;
      this.code = code;
    }

    @Override
    public Set<String> getSupportedAnnotationTypes() {
      return Set.of("*");
    }

    @Override
    public SourceVersion getSupportedSourceVersion() {
      return SourceVersion.latestSupported();
    }

    @Override
    public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
      if (!done) {
        done = true;
        try (Writer writer = processingEnv.getFiler().createSourceFile(name).openWriter()) {
          writer.write(code);
        } catch (IOException failure) {
          throw new UncheckedIOException(failure);
        }
      }
      return false;
    }
  }
}
