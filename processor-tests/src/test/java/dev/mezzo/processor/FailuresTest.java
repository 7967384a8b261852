package dev.mezzo.processor;

import static com.google.testing.compile.CompilationSubject.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.testing.compile.Compilation;
import com.google.testing.compile.Compiler;
import com.google.testing.compile.JavaFileObjects;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.util.Set;
import java.util.stream.Stream;
import javax.annotation.processing.Filer;
import javax.annotation.processing.ProcessingEnvironment;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.element.TypeElement;
import javax.tools.JavaFileObject;
import org.junit.jupiter.api.Test;

/** No exception leaves the processor. */
class FailuresTest {
  private static final JavaFileObject NET =
      JavaFileObjects.forSourceString(
          "demo.Net",
          """
          package demo;
          import dev.mezzo.Tensor;
          import dev.mezzo.annotations.*;
          @Half
          record Net() {
            Tensor forward(Tensor x) {
              return x;
            }
          }
          """);

  @Test
  void internalFailureIsABugOfMezzoAndNamesTheLayer() {
    Compilation compilation = compile(new IllegalStateException("forced"));
    assertThat(compilation).hadErrorCount(1);
    assertThat(compilation)
        .hadErrorContaining(
            "[Mezzo:Bug] layer 'demo.Net' could not be compiled:"
                + " java.lang.IllegalStateException: forced; this is a bug in Mezzo")
        .inFile(NET)
        .onLineContaining("record Net()");
  }

  @Test
  void aLayerWithOtherArgumentsThanItsInterfaceIsForJavac() {
    JavaFileObject blend =
        JavaFileObjects.forSourceString(
            "demo.Blend",
            """
            package demo;
            import dev.mezzo.Tensor;
            import dev.mezzo.annotations.*;
            @Half
            interface Blend {
              Tensor forward(Tensor a, int b);
              @Half
              record Sum() implements Blend {
                public Tensor forward(Tensor a, Tensor b) {
                  return dev.mezzo.Ops.add(a, b);
                }
              }
            }
            """);
    Compilation compilation = Compiler.javac().withProcessors(new MezzoProcessor()).compile(blend);
    assertThat(compilation).hadErrorContaining("does not override abstract method").inFile(blend);
    assertEquals(
        0,
        compilation.errors().stream()
            .filter(error -> error.getMessage(null).contains("[Mezzo:Bug]"))
            .count());
  }

  @Test
  void failureWithinARoundIsABugOfMezzo() {
    Compilation compilation =
        Compiler.javac()
            .withProcessors(
                new WrappedProcessor(environment -> environment) {
                  @Override
                  @SuppressWarnings("DoNotClaimAnnotations") // as the wrapped one does
                  public boolean process(
                      Set<? extends TypeElement> annotations, RoundEnvironment round) {
                    return super.process(annotations, failing());
                  }
                })
            .compile(NET);
    assertThat(compilation)
        .hadErrorContaining(
            "[Mezzo:Bug] layer 'in this round' could not be compiled:"
                + " java.lang.NoClassDefFoundError: forced; this is a bug in Mezzo");
  }

  @Test
  void everyLayerThatFailsIsNamed() {
    Compilation compilation =
        compile(
            new IllegalStateException("forced"),
            JavaFileObjects.forSourceString(
                "demo.Other",
                """
                package demo;
                @dev.mezzo.annotations.Half
                record Other() {
                  dev.mezzo.Tensor forward(dev.mezzo.Tensor x) {
                    return dev.mezzo.Ops.relu(x);
                  }
                }
                """));
    assertThat(compilation).hadErrorContaining("[Mezzo:Bug] layer 'demo.Net'");
    assertThat(compilation).hadErrorContaining("[Mezzo:Bug] layer 'demo.Other'");
  }

  private static RoundEnvironment failing() {
    return WrappedProcessor.proxy(
        RoundEnvironment.class,
        (proxy, method, arguments) -> {
          if (method.getName().equals("processingOver")) {
            return false;
          }
          throw new NoClassDefFoundError("forced");
        });
  }

  @Test
  void failureToWriteIsReported() {
    Compilation compilation = compile(new IOException("No space left on device"));
    assertThat(compilation).hadErrorCount(1);
    assertThat(compilation)
        .hadErrorContaining(
            "[Mezzo:CannotWrite] 'demo.MixedNet' could not be written:"
                + " java.io.IOException: No space left on device")
        .inFile(NET)
        .onLineContaining("record Net()");
  }

  @Test
  void erroneousAnnotationsAreJavacsErrors() {
    Compilation compilation =
        Compiler.javac()
            .withProcessors(new MezzoProcessor())
            .compile(
                JavaFileObjects.forSourceString(
                    "demo.Net",
                    """
                    package demo;
                    import dev.mezzo.*;
                    import dev.mezzo.annotations.*;
                    @LossScaled(initial = INITIAL)
                    record Net() {
                      Tensor loss(Tensor x) { return Ops.mean(x); }
                      @Op(ALOW) static Tensor bend(Tensor x) { return x; }
                      @Op static Tensor twist(Tensor x) { return x; }
                    }
                    """));
    assertEquals(
        0,
        compilation.errors().stream()
            .filter(error -> error.getMessage(null).contains("Mezzo:"))
            .count());
    assertThat(compilation).hadErrorContaining("cannot find symbol");
  }

  private static Compilation compile(Exception failure, JavaFileObject... more) {
    return Compiler.javac()
        .withProcessors(new WrappedProcessor(inner -> environment(inner, failure)))
        .compile(Stream.concat(Stream.of(NET), Stream.of(more)).toList());
  }

  private static ProcessingEnvironment environment(ProcessingEnvironment inner, Exception failure) {
    return WrappedProcessor.proxy(ProcessingEnvironment.class, new FailingFiler(inner, failure));
  }

  /** The environment of a compilation that cannot write. */
  private record FailingFiler(ProcessingEnvironment delegate, Exception failure)
      implements InvocationHandler {
    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      return method.getName().equals("getFiler")
          ? WrappedProcessor.proxy(Filer.class, this::fail)
          : method.invoke(delegate, arguments);
    }

    private Object fail(Object proxy, Method method, Object[] arguments) throws Exception {
      throw failure;
    }
  }
}
