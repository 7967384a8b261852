package dev.mezzo.programs;

import dev.mezzo.processor.MezzoProcessor;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * Sources of the package {@code random}, compiled in one run of javac with the processor.
 *
 * @param classes what was compiled
 * @param diagnostics what javac and the processor said
 * @param crash what javac threw; empty if it ended in order
 */
public record CompiledPrograms(
    ClassLoader classes,
    List<Diagnostic<? extends JavaFileObject>> diagnostics,
    Optional<RuntimeException> crash) {

  /**
   * Compiles.
   *
   * @param sources by the name of their class
   * @param directory empty, for what is written
   * @param more options
   */
  public static CompiledPrograms compile(
      Map<String, String> sources, Path directory, String... more) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    List<String> options =
        new ArrayList<>(
            List.of(
                "-Xmaxerrs",
                "10000",
                "-Xmaxwarns",
                "10000",
                "-d",
                directory.toString(),
                "-classpath",
                System.getProperty("java.class.path")));
    options.addAll(List.of(more));
    List<Source> files = new ArrayList<>();
    sources.forEach((name, text) -> files.add(new Source(name, text)));
    try {
      Files.createDirectories(directory);
      var task = compiler.getTask(new StringWriter(), null, diagnostics, options, null, files);
      task.setProcessors(List.of(new MezzoProcessor()));
      RuntimeException crash = null;
      try {
        task.call();
      } catch (RuntimeException thrown) {
        crash = thrown;
      }
      URL[] urls = {directory.toUri().toURL()};
      return new CompiledPrograms(
          new URLClassLoader(urls, CompiledPrograms.class.getClassLoader()),
          diagnostics.getDiagnostics(),
          Optional.ofNullable(crash));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first error in a program or in what was generated of it. */
  public Optional<String> error(String name) {
    return errors().stream()
        .filter(d -> concerns(d.getSource(), name))
        .findFirst()
        .map(Object::toString);
  }

  /** All errors. */
  public List<Diagnostic<? extends JavaFileObject>> errors() {
    return diagnostics.stream().filter(d -> d.getKind() == Diagnostic.Kind.ERROR).toList();
  }

  private static boolean concerns(@Nullable JavaFileObject file, String name) {
    return file != null && isOf(file.getName(), name);
  }

  private static boolean isOf(String file, String name) {
    return file.endsWith("/" + name + ".java") || file.contains("Mixed" + name + "_");
  }

  /** A file in memory. */
  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("string:///random/" + name + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
