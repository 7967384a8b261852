package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.goldens.GoodSources;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tape holds exactly the bytes that the generated class's Javadoc says, and what its sub-layers
 * save.
 */
class SavedBytesTest {
  private static final Pattern TOTAL =
      Pattern.compile("Saved for backward, besides what sub-layers save: (.*) bytes");
  private static final Pattern TERM = Pattern.compile("(\\d)\u00b7\\|(\\w+)\\|");

  @TempDir static Path directory;

  @Test
  void isWhatTheJavadocSays() {
    Device before = Device.current();
    Device.setDefault(Device.of(new ScalarBackend()));
    try {
      GoodSources sources = GoodSources.compile(directory);
      check(sources, "Dense", Map.of("x", 12), 0);
      check(sources, "Tied", Map.of("x", 12, "matmul", 15, "code", 15), 0);
      check(sources, "HalfOnly", Map.of("x", 12, "exp", 12), 0);
      check(sources, "BothPrecisions", Map.of("x", 12, "e", 12), 0);
      check(sources, "Plain", Map.of("x", 12), 0);
      check(sources, "Same", Map.of(), 0);
      int context = 2 * 10; // Linear saves its input
      Map<String, Integer> sizes = Map.of("query", 12, "transpose", 8, "gelu", 12, "scores", 6);
      check(sources, "MultiInput", sizes, context);
      check(sources, "Shapes", Map.of("transpose", 24, "weights", 18), 2 * 24);
    } finally {
      Device.setDefault(before);
    }
  }

  private static void check(
      GoodSources sources, String name, Map<String, Integer> sizes, long inSubLayers) {
    String code = sources.generated().get("Mixed" + name + ".java");
    assertNotNull(code, name);
    Matcher total = TOTAL.matcher(code);
    assertEquals(true, total.find(), name);
    long expected = inSubLayers;
    Matcher term = TERM.matcher(total.group(1));
    while (term.find()) {
      Integer size = sizes.get(term.group(2));
      assertNotNull(size, name + " saves " + term.group(2));
      expected += Long.parseLong(term.group(1)) * size;
    }
    assertEquals(expected, saved(sources, name), name + ": " + total.group(1));
  }

  private static long saved(GoodSources sources, String name) {
    FormCase layer =
        FormCase.all().stream().filter(c -> c.name().equals(name)).findFirst().orElseThrow();
    Object model = layer.model().apply(new FormCase.Maker(sources.classes()), new Random(1));
    try (FormBench bench = new FormBench(model, DType.FP16)) {
      List<Object> arguments = new ArrayList<>();
      for (Shape shape : layer.shapes()) {
        arguments.add(bench.given(Tensor.zeros(shape, DType.FP32), Precision.HALF));
      }
      arguments.addAll(layer.plain());
      bench.forward(arguments.toArray());
      return bench.tape().savedBytes();
    }
  }
}
