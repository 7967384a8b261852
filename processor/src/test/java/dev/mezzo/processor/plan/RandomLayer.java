package dev.mezzo.processor.plan;

import static dev.mezzo.processor.plan.ModelBuilder.DROPOUT;
import static dev.mezzo.processor.plan.ModelBuilder.FULL_LAYER;
import static dev.mezzo.processor.plan.ModelBuilder.LINEAR;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Layers made up at random, of everything that the language has. */
final class RandomLayer {
  private static final List<String> UNARY =
      List.of("relu", "gelu", "tanh", "exp", "mean", "transpose");
  private static final List<String> BINARY =
      List.of("add", "multiply", "matmul", "meanSquaredError");
  private static final List<String> LAYERS = List.of("lin", "act", "full", "kept");

  private final Random random;

  private RandomLayer(long seed) {
    this.random = new Random(seed);
  }

  /** A layer with the given number of inputs. */
  static ModelBuilder of(long seed, int inputs) {
    RandomLayer maker = new RandomLayer(seed);
    ModelBuilder layer =
        switch (maker.random.nextInt(6)) {
          case 0 -> ModelBuilder.full("Made");
          case 1 -> ModelBuilder.root("Made");
          default -> ModelBuilder.half("Made");
        };
    layer
        .parameter("w")
        .parameter("b")
        .parameterWithoutMaster("h")
        .subLayer("lin", LINEAR)
        .subLayer("act", DROPOUT)
        .subLayer("full", FULL_LAYER)
        .fullSubLayer("kept", LINEAR)
        .helper("one")
        .helper("two");
    String formals = String.join(", ", List.of("x", "y", "z").subList(0, inputs));
    layer.function(
        "forward(" + formals + ")", maker.body(inputs, true, 2 + maker.random.nextInt(9)));
    layer.function("one(x)", maker.body(1, false, 1 + maker.random.nextInt(4)));
    layer.function("two(x, y)", maker.body(2, false, 1 + maker.random.nextInt(4)));
    return layer;
  }

  private String[] body(int inputs, boolean helpers, int statements) {
    List<String> values = new ArrayList<>(List.of("x", "y", "z").subList(0, inputs));
    List<String> body = new ArrayList<>();
    for (int i = 0; i < statements; i++) {
      String name = "v" + i;
      body.add(name + " = " + call(values, helpers));
      values.add(name);
    }
    body.add("return " + (random.nextInt(10) == 0 ? any(values) : values.getLast()));
    return body.toArray(String[]::new);
  }

  private String call(List<String> values, boolean helpers) {
    return switch (random.nextInt(helpers ? 10 : 8)) {
      case 0, 1 -> one(UNARY) + "(" + operand(values) + ")";
      case 2, 3 -> one(BINARY) + "(" + operand(values) + ", " + operand(values) + ")";
      case 4 -> "linear(" + operand(values) + ", w, b)";
      case 5 ->
          "scale(" + operand(values) + ", " + one(List.of("0.5f", "model.rate", "x.shape()")) + ")";
      case 6 ->
          random.nextBoolean()
              ? "dropout(" + operand(values) + ", 0.5f)"
              : "transpose(" + one(List.of("w", "h")) + ")";
      case 7 -> one(LAYERS) + "(" + any(values) + ")";
      case 8 -> "one(" + operand(values) + ")";
      default -> "two(" + operand(values) + ", " + operand(values) + ")";
    };
  }

  private String operand(List<String> values) {
    return random.nextInt(5) == 0 ? one(List.of("w", "b", "h")) : any(values);
  }

  /** Late values more often: programs that hang together. */
  private String any(List<String> values) {
    int first = random.nextInt(values.size());
    int second = random.nextInt(values.size());
    int back = Math.min(first, second);
    return values.get(values.size() - 1 - back);
  }

  private String one(List<String> names) {
    return names.get(random.nextInt(names.size()));
  }
}
