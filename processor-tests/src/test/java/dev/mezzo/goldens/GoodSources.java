package dev.mezzo.goldens;

import dev.mezzo.processor.MezzoProcessor;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The sources of {@code resources/good}, compiled together with the processor as a user compiles.
 *
 * @param generated what the processor wrote, by file name
 * @param diagnostics what the compiler said, also of the generated code
 * @param classes where the classes are
 */
public record GoodSources(
    Map<String, String> generated, List<String> diagnostics, ClassLoader classes) {
  static final Path RESOURCES = Path.of("src", "test", "resources");

  /** Compiles them into a directory. */
  public static GoodSources compile(Path directory) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    Path generated = directory.resolve("generated");
    Path classes = directory.resolve("classes");
    String classPath = System.getProperty("java.class.path");
    List<String> options =
        List.of(
            "-Xlint:all",
            "-Xlint:-processing",
            "-Xlint:-classfile",
            "-Xdoclint:all,-missing",
            "-parameters",
            "-processor",
            MezzoProcessor.class.getName(),
            "-processorpath",
            classPath,
            "-classpath",
            classPath,
            "-d",
            classes.toString(),
            "-s",
            generated.toString());
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      Files.createDirectories(generated);
      Files.createDirectories(classes);
      var sources = files.getJavaFileObjectsFromPaths(files(RESOURCES.resolve("good")));
      compiler.getTask(new StringWriter(), files, diagnostics, options, null, sources).call();
      return new GoodSources(
          texts(generated),
          diagnostics.getDiagnostics().stream().map(GoodSources::text).toList(),
          loader(classes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(Diagnostic<? extends JavaFileObject> diagnostic) {
    return diagnostic.toString();
  }

  private static ClassLoader loader(Path classes) throws MalformedURLException {
    URL[] urls = {classes.toUri().toURL()};
    return new URLClassLoader(urls, GoodSources.class.getClassLoader());
  }

  static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }

  static Map<String, String> texts(Path directory) throws IOException {
    Map<String, String> texts = new TreeMap<>();
    for (Path file : files(directory)) {
      texts.put(file.getFileName().toString(), Files.readString(file));
    }
    return texts;
  }
}
