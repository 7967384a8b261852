package dev.mezzo.processor;

import static com.google.testing.compile.CompilationSubject.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.testing.compile.Compilation;
import com.google.testing.compile.Compiler;
import com.google.testing.compile.JavaFileObjects;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.util.ServiceLoader;
import java.util.function.UnaryOperator;
import javax.annotation.processing.ProcessingEnvironment;
import javax.annotation.processing.Processor;
import javax.lang.model.SourceVersion;
import javax.tools.JavaFileObject;
import org.junit.jupiter.api.Test;

/** Build tools put wrappers around javac's environment; other compilers have none of it. */
class EnvironmentsTest {
  private static final JavaFileObject NET =
      JavaFileObjects.forSourceString(
          "demo.Net",
          """
          package demo;
          @dev.mezzo.annotations.Half
          record Net() {
            dev.mezzo.Tensor forward(dev.mezzo.Tensor x) {
              return x;
            }
          }
          """);

  @Test
  void proxyLikeThatOfIntelliJIsUnwrapped() {
    Compilation compilation = compile(environment -> proxy(new Delegating(environment)));
    assertThat(compilation).succeededWithoutWarnings();
    assertThat(compilation).generatedSourceFile("demo.MixedNet");
  }

  @Test
  void otherCompilersAreTold() {
    Compilation compilation = compile(environment -> proxy(new Opaque(environment)));
    assertThat(compilation).hadErrorCount(1);
    assertThat(compilation)
        .hadErrorContaining("[Mezzo:OtherCompiler] Mezzo reads method bodies, which ");
  }

  @Test
  void isFoundAsAService() {
    assertEquals(
        1,
        ServiceLoader.load(Processor.class).stream()
            .filter(provider -> provider.type() == MezzoProcessor.class)
            .count());
  }

  @Test
  void supportsWhatTheCompilerSupports() {
    MezzoProcessor processor = new MezzoProcessor();
    assertEquals(SourceVersion.latestSupported(), processor.getSupportedSourceVersion());
    assertTrue(processor.getSupportedOptions().contains("mezzo.trace"));
  }

  private static Compilation compile(UnaryOperator<ProcessingEnvironment> wrapper) {
    return Compiler.javac().withProcessors(new WrappedProcessor(wrapper)).compile(NET);
  }

  private static ProcessingEnvironment proxy(InvocationHandler handler) {
    return WrappedProcessor.proxy(ProcessingEnvironment.class, handler);
  }

  /** Keeps the environment in a field, as the wrappers of build tools do. */
  private record Delegating(ProcessingEnvironment delegate) implements InvocationHandler {
    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      return method.invoke(delegate, arguments);
    }
  }

  /** Keeps it where nobody looks. */
  private record Opaque(ProcessingEnvironment hidden) implements InvocationHandler {
    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      return method.invoke(hidden, arguments);
    }
  }
}
