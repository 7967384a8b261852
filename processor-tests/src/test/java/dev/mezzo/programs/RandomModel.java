package dev.mezzo.programs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** Makes up objects of layers, with their weights; some are in two places. */
final class RandomModel {
  private static final int SIZE = 4;

  private final Random random;
  private final Map<String, RandomFields> fields = new HashMap<>();
  private final List<Matrix> weights = new ArrayList<>();
  private final List<Matrix> states = new ArrayList<>();
  private final Map<String, List<Instance>> made = new HashMap<>();

  RandomModel(Random random) {
    this.random = random;
  }

  void add(String layer, RandomFields made) {
    fields.put(layer, made);
  }

  List<Matrix> weights() {
    return weights;
  }

  List<Matrix> states() {
    return states;
  }

  Instance.OfLayer outermost(String layer) {
    return Objects.requireNonNull(fields.get(layer)).instance(layer, this);
  }

  Instance square() {
    return shared("square", () -> new Instance.OfWeight(weight(SIZE, SIZE)));
  }

  Instance vector() {
    return shared("vector", () -> new Instance.OfWeight(weight(1, SIZE)));
  }

  /** Each its own: no state is two things. */
  Instance state() {
    return new Instance.OfState(newState());
  }

  /** One of one of these classes. */
  Instance layer(List<String> classes) {
    String name = classes.get(random.nextInt(classes.size()));
    return shared(
        name,
        () ->
            switch (name) {
              case "Linear" ->
                  new Instance.OfLinear(SIZE, SIZE, weight(SIZE, SIZE), weight(1, SIZE));
              case "BatchNorm" ->
                  new Instance.OfNorm(weight(1, SIZE), weight(1, SIZE), newState(), newState());
              default -> outermost(name);
            });
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

  private int newState() {
    states.add(values(random, 1, SIZE).map(v -> (float) (1 + v / 2)));
    return states.size() - 1;
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
