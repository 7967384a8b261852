package dev.mezzo.programs;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Names of local variables, each once in a layer; some are such as generated code likes to use. */
final class Names {
  private final List<String> awkward =
      new ArrayList<>(
          List.of(
              "tape",
              "dy",
              "dx",
              "y",
              "model",
              "half",
              "o",
              "dh",
              "tanh",
              "linear",
              "index",
              "gradient",
              "wantDx",
              "matmul",
              "passes",
              "add",
              "result",
              "mixing",
              "dTanh"));
  private final Random random;
  private int made;

  Names(Random random) {
    this.random = random;
  }

  String next(String stem) {
    return random.nextInt(6) == 0 && !awkward.isEmpty()
        ? awkward.remove(random.nextInt(awkward.size()))
        : stem + made++;
  }
}
