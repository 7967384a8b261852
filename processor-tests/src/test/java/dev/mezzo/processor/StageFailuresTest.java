package dev.mezzo.processor;

import static com.google.testing.compile.CompilationSubject.assertThat;

import com.google.testing.compile.Compilation;
import com.google.testing.compile.Compiler;
import com.google.testing.compile.JavaFileObjects;
import javax.tools.JavaFileObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A mistake in any stage is a bug of Mezzo that names the layer, and no other one suffers. */
class StageFailuresTest {
  private static final JavaFileObject NET =
      JavaFileObjects.forSourceString(
          "demo.Net",
          """
          package demo;
          import dev.mezzo.*;
          import dev.mezzo.annotations.*;
          @Half
          record Net(@MasterFp32 Parameter weight) {
            Tensor forward(Tensor x) {
              return Ops.relu(Ops.matmul(x, weight));
            }
          }
          """);

  @ParameterizedTest
  @CsvSource({
    "read.LayerReader, read, java.lang.IllegalStateException",
    "read.TensorReader, read, java.lang.NullPointerException",
    "read.TensorReader, read, java.lang.StackOverflowError",
    "check.Checks, check, java.lang.IndexOutOfBoundsException",
    "plan.LayerPlanner, plan, java.util.NoSuchElementException",
    "plan.BackwardPlanner, plan, java.lang.NoClassDefFoundError",
    "shape.ShapeInference, infer, java.lang.ArithmeticException",
    "emit.LayerEmitter, emit, java.lang.UnsupportedOperationException",
    "emit.FormFile, write, java.lang.ExceptionInInitializerError",
    "report.PlanDocument, of, java.lang.ClassCastException"
  })
  void mistakeInAStageIsABugThatNamesTheLayer(
      String type, String method, Class<? extends Throwable> failure)
      throws ReflectiveOperationException {
    Compilation compilation =
        Compiler.javac().withProcessors(FaultyProcessor.at(type, method, failure)).compile(NET);
    assertThat(compilation).hadErrorCount(1);
    assertThat(compilation)
        .hadErrorContaining(
            "[Mezzo:Bug] layer 'demo.Net' could not be compiled: " + failure.getName() + ": forced")
        .inFile(NET)
        .onLineContaining("record Net(");
  }

  @ParameterizedTest
  @CsvSource({
    "options.Options, flaws, of this compilation",
    "read.SourceReader, of, of this compilation",
    "read.SourceReader, next, in this round",
    "read.SourceReader, finish, in this round"
  })
  void mistakeOutsideOfLayersIsABug(String type, String method, String where)
      throws ReflectiveOperationException {
    Compilation compilation =
        Compiler.javac()
            .withProcessors(FaultyProcessor.at(type, method, IllegalStateException.class))
            .compile(NET);
    assertThat(compilation).hadErrorCount(1);
    assertThat(compilation)
        .hadErrorContaining(
            "[Mezzo:Bug] layer '"
                + where
                + "' could not be compiled: java.lang.IllegalStateException: forced");
  }

  @Test
  void mistakesOfOtherLayersAreStillFound() throws ReflectiveOperationException {
    JavaFileObject locked =
        JavaFileObjects.forSourceString(
            "demo.Locked",
            """
            package demo;
            import dev.mezzo.*;
            import dev.mezzo.annotations.*;
            @Half
            record Locked() {
              Tensor forward(Tensor x) {
                synchronized (this) {}
                return x;
              }
            }
            """);
    JavaFileObject loop =
        JavaFileObjects.forSourceString(
            "demo.Loop",
            """
            package demo;
            import dev.mezzo.*;
            import dev.mezzo.annotations.*;
            @Half
            record Loop(int n) {
              Tensor forward(Tensor x) {
                Tensor h = x;
                for (int i = 0; i < n; i++) {
                  h = Ops.relu(h);
                }
                return h;
              }
            }
            """);
    Compilation compilation =
        Compiler.javac()
            .withProcessors(
                FaultyProcessor.at("read.LoopReader", "read", IllegalStateException.class))
            .compile(locked, loop);
    assertThat(compilation).hadErrorCount(2);
    assertThat(compilation)
        .hadErrorContaining("[Mezzo:Bug] layer 'demo.Loop'")
        .inFile(loop)
        .onLineContaining("record Loop(");
    assertThat(compilation)
        .hadErrorContaining("[Mezzo:UnsupportedConstruct]")
        .inFile(locked)
        .onLineContaining("synchronized");
  }
}
