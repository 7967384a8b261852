package dev.mezzo.benchmarks.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Layers to compile, the same for the same numbers: three of four hold the one before, and a class
 * that trains them holds the others.
 */
final class LayerSources {
  static final String PACKAGE = "layers";

  private static final String HEADER =
      """
      package layers;

      import static dev.mezzo.Ops.*;

      import dev.mezzo.Parameter;
      import dev.mezzo.Tensor;
      import dev.mezzo.annotations.Half;
      import dev.mezzo.annotations.LossScaled;
      import dev.mezzo.annotations.MasterFp32;

      """;

  private static final int NEST = 4;

  private LayerSources() {}

  /** A class's simple name and its whole file. */
  record Source(String name, String code) {}

  /**
   * {@code layers} layers of {@code operations} operations each, and the class that trains them.
   */
  static List<Source> of(int layers, int operations) {
    List<Source> sources = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      String inner = i % NEST == 0 ? "" : name(i - 1);
      String code = new LayerBody(i, inner).code(name(i), operations);
      sources.add(new Source(name(i), HEADER + code));
    }
    sources.add(new Source("Model", HEADER + model(layers)));
    return sources;
  }

  private static String name(int layer) {
    return "Layer" + layer;
  }

  private static String model(int layers) {
    List<Integer> outer =
        IntStream.range(0, layers)
            .filter(i -> i % NEST == NEST - 1 || i == layers - 1)
            .boxed()
            .toList();
    String fields =
        outer.stream().map(i -> name(i) + " layer" + i).collect(Collectors.joining(", "));
    String chain = "x";
    for (int i : outer) {
      chain = "layer" + i + ".forward(" + chain + ")";
    }
    return """
        @Half
        @LossScaled
        public record Model(%s) {
          public Tensor loss(Tensor x, Tensor target) {
            return meanSquaredError(%s, target);
          }
        }
        """
        .formatted(fields, chain);
  }
}
