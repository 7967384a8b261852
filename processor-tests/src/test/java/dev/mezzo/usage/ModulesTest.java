package dev.mezzo.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.palantir.javapoet.JavaFile;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.processor.MezzoProcessor;
import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A project that uses Mezzo's jars with plain javac, on the class path and on the module path. */
class ModulesTest {
  private static final Path RUNTIME = jarOf(Tensor.class);
  private static final List<Path> LIBRARY =
      List.of(RUNTIME, jarOf(Half.class), jarOf(NullMarked.class));

  /** What javac needs to run the processor: its jar and those of its dependencies. */
  private static final List<Path> PROCESSOR =
      List.of(jarOf(MezzoProcessor.class), jarOf(Half.class), jarOf(JavaFile.class));

  private static final String LAYER =
      """
      package demo;

      import dev.mezzo.Tensor;
      import dev.mezzo.annotations.Half;

      @Half
      public record Demo() {
        public Tensor forward(Tensor x) {
          return x;
        }
      }
      """;

  private static final String MAIN =
      """
      package demo;

      import dev.mezzo.Ops;
      import dev.mezzo.Tensor;
      import dev.mezzo.types.Shape;
      import java.util.Arrays;

      final class Main {
        private Main() {}

        public static void main(String[] arguments) {
          Tensor x = new Demo().forward(Tensor.of(Shape.of(2), -1, 2));
          System.out.println(Arrays.toString(Ops.relu(x).toFloats()));
        }
      }
      """;

  @TempDir Path project;

  @BeforeEach
  void jarsAreBuilt() {
    assumeTrue(Files.isRegularFile(RUNTIME), "needs the jars, which ./mvnw verify builds first");
  }

  @Test
  void processorRunsOnTheClassPath() throws IOException, InterruptedException {
    assertProcessed(
        List.of("-cp", path(LIBRARY), "--processor-path", path(PROCESSOR)),
        source("demo/Demo.java", LAYER));
  }

  @Test
  void processorRunsOnTheModulePath() throws IOException, InterruptedException {
    assertProcessed(
        List.of("--module-path", path(LIBRARY), "--processor-module-path", path(PROCESSOR)),
        source("module-info.java", "module demo { requires dev.mezzo; }"),
        source("demo/Demo.java", LAYER));
  }

  /** A new package is exported, unless it is one of the backends. */
  @Test
  void runtimeExportsAllButTheBackends() {
    ModuleDescriptor runtime = descriptorOf(RUNTIME);
    Set<String> packages = new TreeSet<>(runtime.packages());
    packages.removeIf(name -> name.startsWith("dev.mezzo.backend."));
    Set<String> exported = new TreeSet<>();
    runtime.exports().forEach(exports -> exported.add(exports.source()));
    assertEquals(packages, exported);
  }

  /**
   * An incubating module would be a warning to each user's compiler, also if required statically.
   */
  @Test
  void runtimeRequiresNothingThatIncubates() {
    for (ModuleDescriptor.Requires requires : descriptorOf(RUNTIME).requires()) {
      assertFalse(requires.name().startsWith("jdk.incubator"), requires.name());
    }
  }

  /** With the vector module, whose backend is then the default, and without. */
  @ParameterizedTest
  @ValueSource(strings = {"java.base", "jdk.incubator.vector"})
  void aModuleRuns(String added) throws IOException, InterruptedException {
    List<String> paths = List.of("--module-path", path(LIBRARY), "-proc:none");
    compile(
        paths,
        source("module-info.java", "module demo { requires dev.mezzo; }"),
        source("demo/Demo.java", LAYER),
        source("demo/Main.java", MAIN));
    List<String> command = new ArrayList<>(List.of("--add-modules", added));
    command.addAll(List.of("--module-path", path(LIBRARY) + File.pathSeparator + classes()));
    command.addAll(List.of("--module", "demo/demo.Main"));
    String output = run("java", command);
    assertTrue(output.contains("[0.0, 2.0]"), output);
  }

  private void assertProcessed(List<String> paths, Path... sources)
      throws IOException, InterruptedException {
    String output = compile(paths, sources);
    assertTrue(output.contains(MezzoProcessor.class.getName()), output);
  }

  private String compile(List<String> paths, Path... sources)
      throws IOException, InterruptedException {
    // As other processors do, Mezzo's leaves its annotations to others too: javac then warns of
    // them.
    List<String> command =
        new ArrayList<>(List.of("-Xlint:all,-processing", "-Werror", "-XprintProcessorInfo"));
    command.addAll(List.of("-d", classes()));
    command.addAll(paths);
    Stream.of(sources).map(Path::toString).forEach(command::add);
    return run("javac", command);
  }

  /** Starts a program of the JDK: javac's API does not look at {@code --processor-module-path}. */
  private String run(String program, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", program).toString());
    command.addAll(arguments);
    Path log = project.resolve(program + ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    int status = process.waitFor();
    String output = Files.readString(log);
    assertEquals(0, status, output);
    return output;
  }

  private String classes() {
    return project.resolve("classes").toString();
  }

  private Path source(String name, String text) throws IOException {
    Path file = project.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static ModuleDescriptor descriptorOf(Path jar) {
    return ModuleFinder.of(jar).findAll().iterator().next().descriptor();
  }

  private static String path(List<Path> jars) {
    return jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private static Path jarOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
