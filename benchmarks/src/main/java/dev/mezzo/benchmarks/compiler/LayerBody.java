package dev.mezzo.benchmarks.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** One layer: matrix products with weights of its own, between operations on what came before. */
final class LayerBody {
  private static final int REACH = 4;

  private final Random random;
  private final String inner;
  private final List<String> parameters = new ArrayList<>();
  private final List<String> values = new ArrayList<>(List.of("x"));
  private final StringBuilder body = new StringBuilder();

  /**
   * @param seed of the choice of operations
   * @param inner the class of the layer that it holds; empty for none
   */
  LayerBody(long seed, String inner) {
    this.random = new Random(seed);
    this.inner = inner;
  }

  String code(String name, int operations) {
    for (int i = 0; i < operations; i++) {
      String call = i == 0 && !inner.isEmpty() ? "inner.forward(x)" : operation();
      String value = i == operations - 1 ? "y" : "t" + i;
      body.append("    Tensor ").append(value).append(" = ").append(call).append(";\n");
      values.add(value);
    }
    List<String> fields = new ArrayList<>(parameters);
    fields.replaceAll(parameter -> "@MasterFp32 Parameter " + parameter);
    if (!inner.isEmpty()) {
      fields.add(inner + " inner");
    }
    return """
        @Half
        public record %s(%s) {
          public Tensor forward(Tensor x) {
        %s    return y;
          }
        }
        """
        .formatted(name, String.join(", ", fields), body);
  }

  private String operation() {
    String last = values.getLast();
    return switch (random.nextInt(20)) {
      case 0, 1, 2 -> "linear(%s, %s, %s)".formatted(last, parameter("w"), parameter("b"));
      case 3 -> "matmul(%s, transpose(%s))".formatted(last, parameter("w"));
      case 4, 5 -> "relu(%s)".formatted(last);
      case 6, 7 -> "gelu(%s)".formatted(last);
      case 8 -> "sigmoid(%s)".formatted(last);
      case 9 -> "tanh(%s)".formatted(last);
      case 10, 11, 12 -> "add(%s, %s)".formatted(last, earlier());
      case 13 -> "subtract(%s, %s)".formatted(last, earlier());
      case 14, 15 -> "multiply(%s, %s)".formatted(last, earlier());
      case 16 -> "multiply(%s, %s)".formatted(last, parameter("g"));
      case 17 -> "scale(%s, 0.5f)".formatted(last);
      case 18 -> "softmax(%s)".formatted(last);
      default -> "dropout(%s, 0.1f)".formatted(last);
    };
  }

  private String parameter(String prefix) {
    String name = prefix + parameters.size();
    parameters.add(name);
    return name;
  }

  private String earlier() {
    int back = 1 + random.nextInt(Math.min(REACH, values.size()));
    return values.get(values.size() - back);
  }
}
