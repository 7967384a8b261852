package dev.mezzo.programs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Makes up objects of layers, with their weights; some are in two places. */
final class RandomModel {
  private static final int SIZE = 4;

  private final Random random;
  private final Map<String, RandomFields> layers = new HashMap<>();
  private final List<Matrix> weights = new ArrayList<>();
  private final Map<String, List<Instance>> made = new HashMap<>();

  RandomModel(Random random) {
    this.random = random;
  }

  void add(String layer, RandomFields fields) {
    layers.put(layer, fields);
  }

  List<Matrix> weights() {
    return weights;
  }

  Instance.OfLayer outermost(String layer) {
    return Objects.requireNonNull(layers.get(layer)).instance(layer, this);
  }

  Instance square() {
    return shared("square", () -> new Instance.OfWeight(weight(SIZE, SIZE)));
  }

  Instance vector() {
    return shared("vector", () -> new Instance.OfWeight(weight(1, SIZE)));
  }

  /** A {@code Linear} for null. */
  Instance layer(@Nullable LayerProgram layer) {
    return layer == null
        ? shared(
            "Linear", () -> new Instance.OfLinear(SIZE, SIZE, weight(SIZE, SIZE), weight(1, SIZE)))
        : shared(layer.name(), () -> outermost(layer.name()));
  }

  private Instance shared(String kind, java.util.function.Supplier<Instance> maker) {
    List<Instance> others = made.computeIfAbsent(kind, _ -> new ArrayList<>());
    if (!others.isEmpty() && random.nextInt(4) == 0) {
      return others.get(random.nextInt(others.size()));
    }
    Instance instance = maker.get();
    others.add(instance);
    return instance;
  }

  private int weight(int rows, int columns) {
    weights.add(values(random, rows, columns));
    return weights.size() - 1;
  }

  /** Numbers of FP32 in ±1. */
  static Matrix values(Random random, int rows, int columns) {
    return Matrix.zeros(rows, columns).map(_ -> random.nextFloat(-1, 1));
  }
}
