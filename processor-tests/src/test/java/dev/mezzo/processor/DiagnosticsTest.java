package dev.mezzo.processor;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.testing.compile.Compilation;
import com.google.testing.compile.Compiler;
import com.google.testing.compile.JavaFileObjects;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every diagnostic, exactly where its marker stands, and nowhere else. */
class DiagnosticsTest {
  private static final Path RESOURCES = Path.of("src/test/resources");
  private static final Path PAGES = Path.of("../docs/problems");

  private static final Map<Path, Compilation> COMPILATIONS = new HashMap<>();

  /** Those that one source file cannot show; they have tests of their own. */
  private static final Set<Catalogue> ELSEWHERE =
      EnumSet.of(
          Catalogue.UNKNOWN_MIXED_FORM,
          Catalogue.NOT_RESOLVED,
          Catalogue.OTHER_COMPILER,
          Catalogue.MALFORMED_OPTION,
          Catalogue.CANNOT_WRITE,
          Catalogue.BUG);

  static Stream<Path> bad() throws IOException {
    return files("bad");
  }

  /** The twins of the bad ones. */
  static Stream<Path> fixed() throws IOException {
    return bad().map(file -> RESOURCES.resolve("fixed").resolve(file.getFileName()));
  }

  static Stream<Catalogue> shown() {
    return EnumSet.complementOf(EnumSet.copyOf(ELSEWHERE)).stream();
  }

  @ParameterizedTest
  @MethodSource("bad")
  void isReportedAtTheMarkers(Path file) throws IOException {
    String source = Files.readString(file);
    List<Marker> expected = Marker.in(source);
    assertFalse(expected.isEmpty(), "no marker in " + file);
    Compilation compilation = compile(file, source);
    assertEquals(
        text(expected.stream()), text(diagnostics(compilation).map(Marker::of)), file.toString());
    boolean fails = expected.stream().anyMatch(marker -> marker.kind().equals("ERROR"));
    assertEquals(
        fails ? Compilation.Status.FAILURE : Compilation.Status.SUCCESS, compilation.status());
  }

  @ParameterizedTest
  @MethodSource("fixed")
  void isNotReportedForWhatIsRight(Path file) throws IOException {
    Compilation compilation = compile(file, Files.readString(file));
    assertEquals("", text(diagnostics(compilation).map(Marker::of)));
    assertEquals(Compilation.Status.SUCCESS, compilation.status());
  }

  @ParameterizedTest
  @MethodSource("shown")
  void hasAPairOfTests(Catalogue entry) throws IOException {
    Path bad = RESOURCES.resolve("bad").resolve(entry.id() + ".java");
    assertTrue(Files.exists(bad), bad.toString());
    assertTrue(Files.exists(RESOURCES.resolve("fixed").resolve(entry.id() + ".java")));
    String kind = entry.severity() == Severity.ERROR ? "ERROR" : "WARNING";
    assertTrue(
        Marker.in(Files.readString(bad)).stream()
            .allMatch(marker -> marker.kind().equals(kind) && marker.id().equals(entry.id())));
  }

  @ParameterizedTest
  @MethodSource("shown")
  void hasAPageThatQuotesAMessage(Catalogue entry) throws IOException {
    Path bad = RESOURCES.resolve("bad").resolve(entry.id() + ".java");
    List<String> messages =
        diagnostics(compile(bad, Files.readString(bad)))
            .map(diagnostic -> diagnostic.getMessage(null))
            .toList();
    String page = page(entry);
    assertTrue(
        messages.stream().anyMatch(page::contains),
        () -> "none is in the page:\n" + String.join("\n", messages));
  }

  @Test
  void everyEntryHasAPageAndEveryPageAnEntry() throws IOException {
    for (Catalogue entry : Catalogue.values()) {
      assertTrue(page(entry).startsWith("# " + entry.id() + "\n"), entry.id());
    }
    try (Stream<Path> pages = Files.list(PAGES)) {
      assertEquals(
          Catalogue.values().length,
          pages.filter(page -> !page.endsWith("README.md")).count(),
          "pages and entries");
    }
  }

  @ParameterizedTest
  @MethodSource("bad")
  void messagesKeepTheForm(Path file) throws IOException {
    assertAll(
        diagnostics(compile(file, Files.readString(file)))
            .map(diagnostic -> diagnostic.getMessage(null))
            .map(
                message ->
                    () -> {
                      assertTrue(message.startsWith("[Mezzo:"), message);
                      assertFalse(message.endsWith("."), message);
                      assertTrue(message.contains("; "), () -> "no cure: " + message);
                    }));
  }

  private static String page(Catalogue entry) throws IOException {
    return Files.readString(PAGES.resolve(entry.id() + ".md"));
  }

  private static Compilation compile(Path file, String source) {
    return COMPILATIONS.computeIfAbsent(file, _ -> compileOnce(file, source));
  }

  private static Compilation compileOnce(Path file, String source) {
    String name = file.getFileName().toString().replace(".java", "");
    String directory = file.getName(file.getNameCount() - 2).toString();
    return Compiler.javac()
        .withProcessors(new MezzoProcessor())
        .withOptions("-Xlint:all,-processing")
        .compile(JavaFileObjects.forSourceString(directory + "." + name, source));
  }

  private static Stream<? extends Diagnostic<?>> diagnostics(Compilation compilation) {
    return compilation.diagnostics().stream()
        .filter(
            diagnostic ->
                diagnostic.getKind() == Diagnostic.Kind.ERROR
                    || diagnostic.getMessage(null).startsWith("[Mezzo:"));
  }

  private static String text(Stream<Marker> markers) {
    return String.join(
        "\n",
        markers
            .sorted(Comparator.comparingLong(Marker::line).thenComparingLong(Marker::column))
            .map(Marker::toString)
            .toList());
  }

  private static Stream<Path> files(String directory) throws IOException {
    try (Stream<Path> files = Files.list(RESOURCES.resolve(directory))) {
      return files.sorted().toList().stream();
    }
  }
}
