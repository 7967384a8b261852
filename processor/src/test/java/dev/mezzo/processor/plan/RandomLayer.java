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
  private int made;

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
    made = 0;
    block(body, values, List.of(), helpers, statements, 0);
    body.add("return " + (random.nextInt(10) == 0 ? any(values) : values.getLast()));
    return body.toArray(String[]::new);
  }

  private void block(
      List<String> body,
      List<String> values,
      List<String> indices,
      boolean helpers,
      int statements,
      int depth) {
    for (int i = 0; i < statements; i++) {
      switch (depth < 3 ? random.nextInt(8) : 7) {
        case 0 -> branch(body, values, indices, helpers, depth + 1);
        case 1 -> loop(body, values, indices, helpers, depth + 1);
        default -> {
          String name = "v" + made++;
          body.add(name + " = " + call(values, indices, helpers));
          values.add(name);
        }
      }
    }
  }

  private void branch(
      List<String> body, List<String> values, List<String> indices, boolean helpers, int depth) {
    List<String> then = new ArrayList<>(values);
    List<String> otherwise = new ArrayList<>(values);
    body.add("if " + one(List.of("model.yes", "model.no", "x.shape()")) + " {");
    block(body, then, indices, helpers, random.nextInt(3), depth);
    body.add("} else {");
    block(body, otherwise, indices, helpers, random.nextInt(3), depth);
    List<String> joins = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      String name = "v" + made++;
      joins.add(name + " = " + end(then) + " : " + end(otherwise));
      values.add(name);
    }
    body.add("}" + tuple(joins));
  }

  private void loop(
      List<String> body, List<String> values, List<String> indices, boolean helpers, int depth) {
    List<String> inside = new ArrayList<>(values);
    List<String> within = new ArrayList<>(indices);
    List<String> carried = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      String name = "v" + made++;
      carried.add(name + " = " + operand(values));
      inside.add(name);
    }
    String head = "while x.shape()";
    if (random.nextInt(3) > 0) {
      String index = "i" + made++;
      within.add(index);
      head = "for " + index + " < " + one(List.of("0", "1", "2", "3", "x.shape()"));
    }
    body.add(head + tuple(carried) + " {");
    block(body, inside, within, helpers, random.nextInt(4), depth);
    List<String> left = new ArrayList<>();
    for (int i = 0; i < carried.size(); i++) {
      String name = "v" + made++;
      left.add(name + " = " + end(inside));
      values.add(name);
    }
    body.add("}" + tuple(left));
  }

  private String end(List<String> values) {
    return random.nextInt(3) == 0 ? operand(values) : values.getLast();
  }

  private static String tuple(List<String> parts) {
    return parts.isEmpty() ? "" : " (" + String.join(", ", parts) + ")";
  }

  private String call(List<String> values, List<String> indices, boolean helpers) {
    return switch (random.nextInt(helpers ? 10 : 8)) {
      case 0, 1 -> one(UNARY) + "(" + operand(values) + ")";
      case 2, 3 -> one(BINARY) + "(" + operand(values) + ", " + operand(values) + ")";
      case 4 -> "linear(" + operand(values) + ", w, b)";
      case 5 -> "scale(" + operand(values) + ", " + factor(indices) + ")";
      case 6 ->
          random.nextBoolean()
              ? "dropout(" + operand(values) + ", 0.5f)"
              : "transpose(" + one(List.of("w", "h")) + ")";
      case 7 -> one(LAYERS) + "(" + any(values) + ")";
      case 8 -> "one(" + operand(values) + ")";
      default -> "two(" + operand(values) + ", " + operand(values) + ")";
    };
  }

  private String factor(List<String> indices) {
    return indices.isEmpty() || random.nextBoolean()
        ? one(List.of("0.5f", "model.rate", "x.shape()"))
        : one(indices);
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
