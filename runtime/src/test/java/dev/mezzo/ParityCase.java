package dev.mezzo;

import dev.mezzo.types.Shape;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One call of an operation, with PyTorch's FP64 results: see {@code make_parity.py}.
 *
 * @param arguments by name, in order; elements of an array are {@code name[i]}
 * @param gradients by the operand's name
 */
record ParityCase(
    String family,
    String operation,
    Map<String, Argument> arguments,
    List<Values> results,
    List<Values> dy,
    Map<String, Values> gradients) {

  /** What is given for a parameter. */
  sealed interface Argument {}

  /** A tensor. */
  record Operand(boolean isFloat, Values values) implements Argument {}

  /** Anything else, as text. */
  record Plain(String text) implements Argument {}

  /**
   * An array of the file.
   *
   * @param scale what rounding errors are relative to
   * @param between what roundings of intermediate values to the operands' type are relative to
   */
  record Values(Shape shape, double scale, double between, double[] values) {}

  /** The cases of a family's file. */
  static List<ParityCase> read(String family) {
    try (InputStream in = ParityCase.class.getResourceAsStream("parity/" + family + ".txt");
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(
                    Objects.requireNonNull(in, family), StandardCharsets.UTF_8))) {
      List<ParityCase> cases = new ArrayList<>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ");
        switch (words[0]) {
          case "#" -> {}
          case "case" -> cases.add(empty(family, words[1]));
          default -> cases.getLast().add(words);
        }
      }
      return cases;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ParityCase empty(String family, String operation) {
    return new ParityCase(
        family,
        operation,
        new LinkedHashMap<>(),
        new ArrayList<>(),
        new ArrayList<>(),
        new LinkedHashMap<>());
  }

  private void add(String[] words) {
    switch (words[0]) {
      case "in" ->
          arguments.put(
              words[1], new Operand(words[2].equals("float"), values(words, words[3], "1", 4)));
      case "plain" -> arguments.put(words[1], new Plain(words[2]));
      case "out" -> results.add(values(words, words[1], words[2], 3));
      case "dy" -> dy.add(values(words, words[1], "1", 2));
      case "grad" -> gradients.put(words[1], values(words, words[2], words[3], 4));
      default -> throw new IllegalStateException(words[0]);
    }
  }

  private static Values values(String[] words, String dims, String scales, int from) {
    double[] values = new double[words.length - from];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          Double.parseDouble(words[from + i].replace("inf", "Infinity").replace("nan", "NaN"));
    }
    String[] scale = scales.split("/", 2);
    return new Values(
        shape(dims),
        Double.parseDouble(scale[0]),
        scale.length == 1 ? 0 : Double.parseDouble(scale[1]),
        values);
  }

  private static Shape shape(String dims) {
    return dims.equals("scalar") ? Shape.of() : Shape.of(ints(dims));
  }

  static int[] ints(String text) {
    if (text.isEmpty()) {
      return new int[0];
    }
    String[] parts = text.split(",", -1);
    int[] values = new int[parts.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = Integer.parseInt(parts[i]);
    }
    return values;
  }

  /** The parameters' names, each once. */
  List<String> parameters() {
    return arguments.keySet().stream()
        .map(name -> name.replaceAll("\\[\\d+]", ""))
        .distinct()
        .toList();
  }

  /** As {@code Gradient.of} names overloads: {@code sum(x, axis)}. */
  String signature() {
    return operation + "(" + String.join(", ", parameters()) + ")";
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(operation);
    arguments.forEach(
        (name, argument) ->
            text.append(' ')
                .append(name)
                .append(' ')
                .append(
                    switch (argument) {
                      case Operand operand -> operand.values().shape().toString();
                      case Plain plain -> plain.text();
                    }));
    return text.toString();
  }
}
