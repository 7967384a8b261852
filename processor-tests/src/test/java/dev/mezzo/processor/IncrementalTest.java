package dev.mezzo.processor;

import static com.google.testing.compile.CompilationSubject.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.testing.compile.Compilation;
import com.google.testing.compile.Compiler;
import com.google.testing.compile.JavaFileObjects;
import dev.mezzo.goldens.GoodSources;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.annotation.processing.Filer;
import javax.annotation.processing.ProcessingEnvironment;
import javax.lang.model.element.Element;
import javax.tools.JavaFileObject;
import javax.tools.StandardLocation;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What Gradle demands of an isolating processor, and Maven's incremental builds rely on: each file
 * comes from one layer, and from that layer alone.
 */
class IncrementalTest {
  private static final Path GOOD = Path.of("src/test/resources/good");

  @TempDir static Path directory;

  private static Map<String, String> generated = Map.of();

  @BeforeAll
  static void compile() {
    generated = GoodSources.compile(directory).generated();
  }

  @Test
  void gradleIsTold() throws IOException {
    String name = "META-INF/gradle/incremental.annotation.processors";
    try (InputStream file = MezzoProcessor.class.getClassLoader().getResourceAsStream(name)) {
      assertNotNull(file, name);
      assertEquals(
          MezzoProcessor.class.getName() + ",isolating",
          new String(file.readAllBytes(), StandardCharsets.UTF_8).strip());
    }
  }

  @Test
  void everyFileHasTheLayerItIsMadeOfAsItsOnlyOrigin() throws IOException {
    Map<String, List<String>> origins = new TreeMap<>();
    Compilation compilation =
        Compiler.javac()
            .withProcessors(
                new WrappedProcessor(
                    environment ->
                        WrappedProcessor.proxy(
                            ProcessingEnvironment.class, new Recording(environment, origins))))
            .compile(sources());
    assertThat(compilation).succeeded();
    assertFalse(origins.isEmpty());
    origins.forEach(
        (file, layers) -> {
          assertEquals(1, layers.size(), file);
          String plan = "META-INF/mezzo/" + layers.getFirst() + ".json";
          String layer = layers.getFirst().substring("demo.".length()).replace('.', '_');
          assertEquals(file.endsWith(".json") ? plan : "demo.Mixed" + layer, file);
        });
  }

  /** With the class files of all others, as an incremental build leaves them. */
  @ParameterizedTest
  @ValueSource(
      strings = {"Classifier", "Open", "Several", "UsesFullLayer", "UsesMultiInput", "Wraps"})
  void layerThatIsCompiledAloneIsWrittenAsBefore(String layer) throws IOException {
    Compilation compilation =
        Compiler.javac()
            .withClasspath(classPath())
            .withProcessors(new MezzoProcessor())
            .compile(source(GOOD.resolve(layer + ".java")));
    assertThat(compilation).succeeded();
    for (JavaFileObject file : compilation.generatedSourceFiles()) {
      String name = file.getName().substring(file.getName().lastIndexOf('/') + 1);
      assertEquals(generated.get(name), file.getCharContent(false).toString());
    }
    assertThat(compilation).generatedSourceFile("demo.Mixed" + layer);
  }

  private static List<File> classPath() {
    List<File> path = new ArrayList<>(List.of(directory.resolve("classes").toFile()));
    String own = System.getProperty("java.class.path");
    path.addAll(Arrays.stream(own.split(File.pathSeparator, -1)).map(File::new).toList());
    return path;
  }

  private static List<JavaFileObject> sources() throws IOException {
    try (Stream<Path> files = Files.list(GOOD)) {
      return files.sorted().map(IncrementalTest::source).toList();
    }
  }

  private static JavaFileObject source(Path file) {
    try {
      String name = file.getFileName().toString().replace(".java", "");
      return JavaFileObjects.forSourceString("demo." + name, Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Notes which elements each file is said to come from. */
  private record Recording(ProcessingEnvironment delegate, Map<String, List<String>> origins)
      implements InvocationHandler {
    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      return method.getName().equals("getFiler")
          ? WrappedProcessor.proxy(Filer.class, this::create)
          : method.invoke(delegate, arguments);
    }

    private Object create(Object proxy, Method method, Object[] arguments) throws Throwable {
      if (method.getName().startsWith("create")) {
        boolean resource = method.getName().equals("createResource");
        assertTrue(!resource || arguments[0] == StandardLocation.CLASS_OUTPUT, method.getName());
        Element[] elements = (Element[]) arguments[arguments.length - 1];
        origins.put(
            String.valueOf(arguments[resource ? 2 : 0]),
            Arrays.stream(elements).map(Element::toString).toList());
      }
      return method.invoke(delegate.getFiler(), arguments);
    }
  }
}
