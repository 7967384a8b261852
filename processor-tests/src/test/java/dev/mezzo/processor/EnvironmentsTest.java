package dev.mezzo.processor;

import static com.google.testing.compile.CompilationSubject.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.testing.compile.Compilation;
import com.google.testing.compile.Compiler;
import com.google.testing.compile.JavaFileObjects;
import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.function.UnaryOperator;
import javax.annotation.processing.ProcessingEnvironment;
import javax.annotation.processing.Processor;
import javax.lang.model.SourceVersion;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

  /** Not a wrapper of ours: Eclipse's compiler as Maven has it. */
  @Test
  void eclipsesCompilerIsTold(@TempDir Path directory) throws IOException {
    Optional<JavaCompiler> eclipse =
        ServiceLoader.load(JavaCompiler.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(compiler -> compiler.getClass().getName().startsWith("org.eclipse."))
            .findFirst();
    assumeTrue(eclipse.isPresent(), "Eclipse's compiler is not on the class path");
    Path source = directory.resolve("Net.java");
    Files.writeString(source, NET.getCharContent(false));
    String classPath = System.getProperty("java.class.path");
    List<String> options =
        List.of(
            "-source",
            "25",
            "-target",
            "25",
            "-classpath",
            classPath,
            "-processorpath",
            classPath,
            "-processor",
            MezzoProcessor.class.getName(),
            "-d",
            directory.toString());
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    JavaCompiler compiler = eclipse.orElseThrow();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(diagnostics, null, null)) {
      var sources = files.getJavaFileObjects(source);
      Writer out = new StringWriter();
      assertFalse(compiler.getTask(out, files, diagnostics, options, null, sources).call());
    }
    assertEquals(1, diagnostics.getDiagnostics().size(), diagnostics.getDiagnostics()::toString);
    String message = diagnostics.getDiagnostics().getFirst().getMessage(null);
    assertTrue(message.startsWith("[Mezzo:OtherCompiler] Mezzo reads method bodies, "), message);
    assertTrue(message.endsWith("; compile with javac of JDK 25 or later"), message);
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
