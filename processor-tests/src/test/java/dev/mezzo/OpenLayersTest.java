package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.testing.compile.Compilation;
import com.google.testing.compile.Compiler;
import com.google.testing.compile.JavaFileObjects;
import dev.mezzo.layers.Relu;
import dev.mezzo.processor.MezzoProcessor;
import dev.mezzo.types.DType;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import javax.tools.JavaFileObject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Layers that are found by their class when a training is built, and what is said if they are not.
 */
class OpenLayersTest {
  private static final String HEADER =
      """
      package plug;
      import dev.mezzo.*;
      import dev.mezzo.annotations.*;
      """;

  @TempDir Path classes;

  private final Mixing mixing = new Mixing(new WeightRegistry(), "net", DType.FP16);
  private URLClassLoader jar = new URLClassLoader(new URL[0]);

  /** As in another jar: the test's own class loader does not know the classes. */
  @BeforeEach
  void load() throws IOException {
    jar = new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader());
  }

  @Test
  void aFormOfAnotherJarIsFound() throws Exception {
    compile(true, "Twice", "@Half public record Twice() implements Layer", "Ops.scale(x, 2)");
    MixedLayer form = found(layer("plug.Twice"));
    assertEquals("plug.MixedTwice", form.getClass().getName());
    try (Tensor x = Ops.cast(Tensor.of(dev.mezzo.types.Shape.of(2), 1, 3), DType.FP16);
        Tensor y = form.forward(x)) {
      assertEquals(List.of(2f, 6f), List.of(y.toFloats()[0], y.toFloats()[1]));
    }
    assertInstanceOf(dev.mezzo.layers.MixedRelu.class, found(new Relu()));
  }

  @Test
  void aClassThatWasNotCompiledByMezzoIsNamed() throws Exception {
    compile(false, "Plain", "public record Plain() implements Layer", "x");
    fails(
        "sub-layer 'net.inner' is a plug.Plain, whose mixed form 'MixedPlain' was not found;"
            + " annotate the class with @Half or @Full and compile it with Mezzo's processor",
        layer("plug.Plain"));
  }

  @Test
  void aLambdaHasNoForm() {
    Layer lambda = x -> x.retain();
    fails(
        "sub-layer 'net.inner' is a "
            + lambda.getClass().getName()
            + ", a lambda or local class, which has no mixed form; write a class for it",
        lambda);
  }

  @Test
  void aFormOfAnotherVersionIsRefused() throws Exception {
    compile(false, "Old", "public record Old() implements Layer", "x");
    compile(
        false,
        "MixedOld",
        "@MixedForm(format = 99, of = Old.class, inputs = {}, differentiable = {},"
            + " output = MixedForm.Precision.HALF, parameters = false) public record MixedOld(Old"
            + " model, Mixing mixing) implements MixedLayer",
        "x; } public Tensor forward(Tape t, Tensor x) { return x; } public Tensor backward(Tape t,"
            + " Tensor dy, boolean w) { return dy");
    fails(
        "sub-layer 'net.inner' is a plug.Old, whose mixed form has format 99, but must have format"
            + " 1; compile it again with this version of Mezzo",
        layer("plug.Old"));
  }

  @Test
  void aFormThatIsNotOneOfTheInterfaceIsRefused() throws Exception {
    compile(true, "Own", "@Half public record Own()", "Ops.relu(x)");
    fails(
        "sub-layer 'net.inner' is a plug.Own, whose mixed form is no MixedLayer; compile it again",
        layer("plug.Own"));
  }

  @Test
  void aSubclassIsNotTakenForItsClass() throws Exception {
    compile(true, "Base", "@Half public class Base", "Ops.relu(x)");
    compile(false, "Sub", "public class Sub extends Base", "Ops.tanh(x)");
    Object sub = layer("plug.Sub");
    var error =
        assertThrows(
            IllegalStateException.class,
            () -> mixing.layer(sub, "inner", (model, m) -> form("plug.MixedBase", model, m)));
    assertEquals(
        "sub-layer 'net.inner' is a plug.Sub, but its field says Base, whose mixed form knows"
            + " nothing of it; give the field the type of an annotated interface",
        error.getMessage());
  }

  private void fails(String message, Object layer) {
    assertEquals(
        message, assertThrows(IllegalStateException.class, () -> found(layer)).getMessage());
  }

  private MixedLayer found(Object layer) {
    return mixing.layer(layer, "inner", Mixing.implementing(MixedLayer.class));
  }

  private Object layer(String name) throws ReflectiveOperationException {
    return jar.loadClass(name).getConstructor().newInstance();
  }

  private Object form(String name, Object model, Mixing mixing) {
    try {
      var constructor =
          jar.loadClass(name).getConstructor(model.getClass().getSuperclass(), Mixing.class);
      return constructor.newInstance(model, mixing);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private void compile(boolean processed, String name, String head, String result)
      throws IOException {
    String body = " { public Tensor forward(Tensor x) { return " + result + "; } }";
    JavaFileObject source = JavaFileObjects.forSourceString("plug." + name, HEADER + head + body);
    List<File> path =
        List.of(
                (classes + File.pathSeparator + System.getProperty("java.class.path"))
                    .split(File.pathSeparator))
            .stream()
            .map(File::new)
            .toList();
    Compiler compiler = Compiler.javac().withClasspath(path);
    Compilation compilation =
        (processed
                ? compiler.withProcessors(new MezzoProcessor())
                : compiler.withOptions("-proc:none"))
            .compile(source);
    assertEquals(Compilation.Status.SUCCESS, compilation.status(), () -> compilation.toString());
    for (JavaFileObject file : compilation.generatedFiles()) {
      if (file.getKind() == JavaFileObject.Kind.CLASS) {
        Path target = classes.resolve(file.getName().replace("/CLASS_OUTPUT/", ""));
        Files.createDirectories(Objects.requireNonNull(target.getParent()));
        try (InputStream content = file.openInputStream()) {
          Files.copy(content, target);
        }
      }
    }
  }
}
