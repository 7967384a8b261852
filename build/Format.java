import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Checks or rewrites the layout of all Java sources: {@code java build/Format.java check|write ROOT}.
 *
 * <p>The build starts it with the toolchain's JDK. The formatter parses with the compiler of the JVM that it runs in, so it
 * cannot run inside Maven, whose JVM may be older than the language that the sources are written in.
 */
final class Format {
  private static final Formatter FORMATTER =
      new Formatter(
          JavaFormatterOptions.builder().style(JavaFormatterOptions.Style.GOOGLE).build());

  private Format() {}

  public static void main(String[] args) throws IOException, FormatterException {
    boolean write = args[0].equals("write");
    Path root = Path.of(args[1]).toAbsolutePath().normalize();
    int unformatted = 0;
    for (Path source : sources(root)) {
      String before = Files.readString(source);
      String after = format(source, before);
      if (before.equals(after)) {
        continue;
      }
      unformatted++;
      System.out.println((write ? "formatted " : "not formatted: ") + root.relativize(source));
      if (write) {
        Files.writeString(source, after);
      }
    }
    if (unformatted > 0 && !write) {
      System.out.println("Rewrite them with: ./mvnw -q -N -Pformat validate");
      System.exit(1);
    }
  }

  /** All Java files of all modules, except those that are test data (under resources). */
  private static List<Path> sources(Path root) throws IOException {
    try (Stream<Path> modules = Files.list(root)) {
      return modules
          .filter(module -> Files.exists(module.resolve("pom.xml")))
          .flatMap(module -> Stream.of("src/main/java", "src/main/module", "src/test/java").map(module::resolve))
          .filter(Files::isDirectory)
          .flatMap(Format::javaFiles)
          .sorted()
          .toList();
    }
  }

  private static Stream<Path> javaFiles(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String format(Path source, String text) throws FormatterException {
    try {
      String imports = RemoveUnusedImports.removeUnusedImports(text);
      imports = ImportOrderer.reorderImports(imports, JavaFormatterOptions.Style.GOOGLE);
      return FORMATTER.formatSource(imports);
    } catch (FormatterException e) {
      throw new FormatterException(source + ": " + e.getMessage());
    }
  }
}
