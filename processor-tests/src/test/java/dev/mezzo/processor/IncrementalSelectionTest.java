package dev.mezzo.processor;

import static com.google.testing.compile.CompilationSubject.assertThat;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.testing.compile.Compilation;
import com.google.testing.compile.Compiler;
import com.google.testing.compile.JavaFileObjects;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A layer's border may change with that of a layer two levels below. Gradle compiles again what
 * depends on a changed class, and on goes where that shows in fields, parameters and results that
 * are not private: as it selects, so is selected here.
 */
class IncrementalSelectionTest {
  private static final String HEADER =
      """
      package demo;
      import static dev.mezzo.Ops.*;
      import dev.mezzo.*;
      import dev.mezzo.annotations.*;
      """;

  private static final Map<String, String> BEFORE =
      Map.of(
          "Block", layer("Block", "", "tanh(x)"),
          "Mid", layer("Mid", "final Block block = new Block();", "block.forward(x)"),
          "Net", layer("Net", "final Mid mid = new Mid();", "relu(mid.forward(x))"),
          "Other", layer("Other", "", "gelu(x)"));

  @TempDir Path classes;

  @Test
  void layersAboveAChangedBorderAreCompiledAgain() throws IOException {
    Compilation before = compile(BEFORE, List.of());
    for (JavaFileObject file : before.generatedFiles()) {
      if (file.getKind() == JavaFileObject.Kind.CLASS) {
        Path target = classes.resolve(file.getName().replaceFirst("^/CLASS_OUTPUT/", ""));
        Files.createDirectories(target.getParent());
        try (InputStream bytes = file.openInputStream()) {
          Files.copy(bytes, target);
        }
      }
    }
    Map<String, String> after = new HashMap<>(BEFORE);
    after.put("Block", layer("Block", "", "logSoftmax(x)")); // in FP32, where tanh was half
    Set<String> selected = selected("Block");
    assertEquals(Set.of("Block", "Mid", "Net"), selected);

    Map<String, String> full = generated(compile(after, List.of()));
    after.keySet().retainAll(selected);
    Map<String, String> incremental = generated(compile(after, List.of(withoutSelected(selected))));
    incremental.forEach((name, code) -> assertEquals(full.get(name), code, name));
    assertEquals(Set.of("MixedBlock", "MixedMid", "MixedNet"), incremental.keySet());
    assertNotEquals(generated(before).get("MixedNet"), incremental.get("MixedNet"));
  }

  private static String layer(String name, String fields, String result) {
    return HEADER
        + "@Half public final class %s { %s public Tensor forward(Tensor x) { return %s; } }"
            .formatted(name, fields, result);
  }

  private static Compilation compile(Map<String, String> sources, List<File> more) {
    List<File> path = new ArrayList<>(more);
    String own = System.getProperty("java.class.path");
    path.addAll(Arrays.stream(own.split(File.pathSeparator, -1)).map(File::new).toList());
    Compilation compilation =
        Compiler.javac()
            .withClasspath(path)
            .withProcessors(new MezzoProcessor())
            .compile(
                sources.entrySet().stream()
                    .map(s -> JavaFileObjects.forSourceString("demo." + s.getKey(), s.getValue()))
                    .toList());
    assertThat(compilation).succeeded();
    return compilation;
  }

  private static Map<String, String> generated(Compilation compilation) throws IOException {
    Map<String, String> code = new TreeMap<>();
    for (JavaFileObject file : compilation.generatedSourceFiles()) {
      String name = file.getName().substring(file.getName().lastIndexOf('/') + 1);
      code.put(name.replace(".java", ""), file.getCharContent(false).toString());
    }
    return code;
  }

  /** Gradle deletes what it is going to compile again. */
  private File withoutSelected(Set<String> selected) throws IOException {
    for (String name : selected) {
      Files.delete(classes.resolve("demo/" + name + ".class"));
      Files.delete(classes.resolve("demo/Mixed" + name + ".class"));
    }
    return classes.toFile();
  }

  /** The sources of what depends on a class, those of generated classes among them. */
  private Set<String> selected(String changed) throws IOException {
    Map<String, Set<String>> visible = new HashMap<>();
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        ClassModel model = ClassFile.of().parse(file);
        visible.put(model.thisClass().asSymbol().displayName(), visible(model));
      }
    }
    Set<String> reached = new TreeSet<>(Set.of(changed));
    boolean more = true;
    while (more) {
      more = false;
      for (Map.Entry<String, Set<String>> each : visible.entrySet()) {
        if (each.getValue().stream().anyMatch(reached::contains)) {
          more |= reached.add(each.getKey());
        }
      }
    }
    return reached.stream().map(name -> name.replace("Mixed", "")).collect(Collectors.toSet());
  }

  /** The classes that a class shows in what is not private. */
  private static Set<String> visible(ClassModel model) {
    Set<ClassDesc> types = new HashSet<>();
    model.fields().stream()
        .filter(field -> !field.flags().has(AccessFlag.PRIVATE))
        .forEach(field -> types.add(field.fieldTypeSymbol()));
    model.methods().stream()
        .filter(method -> !method.flags().has(AccessFlag.PRIVATE))
        .forEach(
            method -> {
              MethodTypeDesc type = method.methodTypeSymbol();
              types.add(type.returnType());
              types.addAll(type.parameterList());
            });
    return types.stream().map(ClassDesc::displayName).collect(Collectors.toSet());
  }
}
