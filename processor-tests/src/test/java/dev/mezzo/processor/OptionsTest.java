package dev.mezzo.processor;

import static com.google.testing.compile.CompilationSubject.assertThat;

import com.google.testing.compile.Compilation;
import com.google.testing.compile.Compiler;
import com.google.testing.compile.JavaFileObjects;
import javax.tools.JavaFileObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code -Amezzo.…}, and {@code @SuppressWarnings}, by what javac then says. */
class OptionsTest {
  private static final JavaFileObject NET = net("", "", "");

  @ParameterizedTest
  @ValueSource(strings = {"-Amezzo.strict", "-Amezzo.strict=true"})
  void strictTurnsWarningsIntoErrors(String option) {
    Compilation compilation = compile(NET, option);
    assertThat(compilation).hadErrorCount(1);
    assertThat(compilation)
        .hadErrorContaining("[Mezzo:HalfParameterWithoutMaster]")
        .inFile(NET)
        .onLineContaining("final Parameter weight");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-Amezzo.strict=false", "-Aother.option=x"})
  void othersDoNot(String option) {
    Compilation compilation = compile(NET, option);
    assertThat(compilation).succeeded();
    assertThat(compilation).hadWarningContaining("[Mezzo:HalfParameterWithoutMaster]");
  }

  @Test
  void whatIsSilencedIsNoErrorEither() {
    assertThat(
            compile(
                net("@SuppressWarnings(\"mezzo:HalfParameterWithoutMaster\")", "", ""),
                "-Amezzo.strict"))
        .succeededWithoutWarnings();
  }

  @Test
  void misspeltOptionIsAnError() {
    Compilation compilation = compile(NET, "-Amezzo.strikt");
    assertThat(compilation)
        .hadErrorContaining(
            "[Mezzo:MalformedOption] processor option '-Amezzo.strikt' does not exist; Mezzo's"
                + " options are mezzo.checks, mezzo.formats, mezzo.fusion, mezzo.report,"
                + " mezzo.strict");
  }

  @Test
  void valueThatIsNoneOfAnOptionIsAnError() {
    assertThat(compile(NET, "-Amezzo.strict=yes"))
        .hadErrorContaining(
            "processor option '-Amezzo.strict=yes' must be 'on' or 'off'; correct it");
  }

  @Test
  void fusionIsOnUnlessItIsTurnedOff() {
    JavaFileObject source =
        JavaFileObjects.forSourceString(
            "demo.Gate",
            """
            package demo;
            import static dev.mezzo.Ops.*;
            import dev.mezzo.Tensor;
            import dev.mezzo.annotations.*;
            @Half
            class Gate {
              Tensor forward(Tensor x, Tensor z) {
                return multiply(silu(x), z);
              }
            }
            """);
    assertThat(compile(source))
        .generatedSourceFile("demo.MixedGate")
        .contentsAsUtf8String()
        .contains("Fused.of(\"(x, z) -> silu(x) * z\")");
    assertThat(compile(source, "-Amezzo.fusion=off"))
        .generatedSourceFile("demo.MixedGate")
        .contentsAsUtf8String()
        .contains("Tensor silu = silu(x);");
  }

  @Test
  void formatsSayWhichRangeIsChecked() {
    JavaFileObject source =
        JavaFileObjects.forSourceString(
            "demo.Far",
            """
            package demo;
            import static dev.mezzo.Ops.*;
            import dev.mezzo.Tensor;
            import dev.mezzo.annotations.*;
            @Half
            @LossScaled
            class Far {
              Tensor loss(Tensor x) {
                return mean(scale(matmul(x, x), 1e6f));
              }
            }
            """);
    assertThat(compile(source)).hadErrorContaining("[Mezzo:LiteralOutOfRange]");
    Compilation bf16 = compile(source, "-Amezzo.formats=bf16");
    assertThat(bf16).succeeded();
    assertThat(bf16)
        .generatedSourceFile("demo.MixedFar")
        .contentsAsUtf8String()
        .contains(".formats(HalfFormat.BF16)");
    assertThat(compile(source, "-Amezzo.formats=fp8"))
        .hadErrorContaining("must be 'fp16', 'bf16' or both with a comma between");
  }

  /** In BF16 257 is 256, in FP16 it is itself; 256 is a number in both. */
  @Test
  void formatsSayWhichNumbersThereAre() {
    String layer =
        """
        package demo;
        import static dev.mezzo.Ops.*;
        import dev.mezzo.Tensor;
        import dev.mezzo.annotations.*;
        @Half record Bounded() {
          Tensor forward(Tensor x) { return clamp(x, -0.3f, %sf); }
        }
        """;
    JavaFileObject odd = JavaFileObjects.forSourceString("demo.Bounded", layer.formatted(257));
    assertThat(compile(odd)).succeededWithoutWarnings();
    assertThat(compile(odd, "-Amezzo.formats=bf16"))
        .hadWarningContaining(
            "[Mezzo:LiteralNotRepresentable] value 257.0 is given to 'clamp', which computes in 16"
                + " bits, where the nearest number is 256.0");
    JavaFileObject even = JavaFileObjects.forSourceString("demo.Bounded", layer.formatted(256));
    assertThat(compile(even, "-Amezzo.formats=bf16")).succeededWithoutWarnings();
  }

  @Test
  void checksFollowEveryOperation() {
    Compilation compilation = compile(net("@MasterFp32", "", ""), "-Amezzo.checks");
    assertThat(compilation).succeeded();
    assertThat(compilation)
        .generatedSourceFile("demo.MixedNet")
        .contentsAsUtf8String()
        .contains(
            "Tensor y = Finite.check(matmul(finish, x, weight.half()), \"Net.java:13 matmul, y\");");
    assertThat(compilation)
        .generatedSourceFile("demo.MixedNet")
        .contentsAsUtf8String()
        .containsMatch(
            "weight.accumulate\\(\\s*Finite.check\\(matmulGradientB\\(.*\"Net.java:13 matmul, weight\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@SuppressWarnings(\"mezzo:HalfParameterWithoutMaster\")",
        "@SuppressWarnings({\"unused\", \"mezzo:HalfParameterWithoutMaster\"})",
        "@SuppressWarnings(\"mezzo\")"
      })
  void warningIsSilencedOnTheClassOrTheField(String annotation) {
    assertThat(compile(net(annotation, "", ""))).succeededWithoutWarnings();
    assertThat(compile(net("", annotation, ""))).succeededWithoutWarnings();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "@SuppressWarnings(\"mezzo:UnusedParameter\")",
        "@SuppressWarnings(\"HalfParameterWithoutMaster\")",
        "@SuppressWarnings(\"all\")"
      })
  void otherWarningsStay(String annotation) {
    assertThat(compile(net(annotation, "", ""))).hadWarningContaining("[Mezzo:");
  }

  @Test
  void warningOfAnotherPlaceStays() {
    assertThat(compile(net("", "", "@SuppressWarnings(\"mezzo\")")))
        .hadWarningContaining("[Mezzo:HalfParameterWithoutMaster]");
  }

  private static Compilation compile(JavaFileObject source, String... options) {
    return Compiler.javac()
        .withProcessors(new MezzoProcessor())
        .withOptions((Object[]) options)
        .compile(source);
  }

  private static JavaFileObject net(String onClass, String onField, String onMethod) {
    return JavaFileObjects.forSourceString(
        "demo.Net",
        """
        package demo;
        import dev.mezzo.*;
        import dev.mezzo.annotations.*;
        %s
        @Half
        class Net {
          %s final Parameter weight;
          Net(Parameter weight) {
            this.weight = weight;
          }
          %s
          Tensor forward(Tensor x) {
            return Ops.matmul(x, weight);
          }
        }
        """
            .formatted(onClass, onField, onMethod));
  }
}
