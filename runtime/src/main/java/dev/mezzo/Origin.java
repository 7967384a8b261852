package dev.mezzo;

import java.util.List;

/**
 * Where in a step the first value that is not finite came up.
 *
 * @param operation the operation, the expression in one pass, or the gradient, that computed it:
 *     {@code exp}, {@code linearGradientX}
 * @param lines the lines of the model that led there, the innermost last: {@code
 *     Classifier.java:13}, {@code Mlp.java:24}
 * @param backward whether in backward; else in forward
 * @param given whether the operation read NaN or ±Inf that no operation of the step had computed:
 *     an input or a weight held it
 * @param microBatch which of the micro-batches before the step's own values it was, from 1; 0 if it
 *     was none of them
 */
public record Origin(
    String operation, List<String> lines, boolean backward, boolean given, int microBatch) {

  /** Copies the list. */
  public Origin {
    lines = List.copyOf(lines);
  }

  /** In the step's own values. */
  public Origin(String operation, List<String> lines, boolean backward, boolean given) {
    this(operation, lines, backward, given, 0);
  }

  /** The same in a micro-batch. */
  Origin in(int number) {
    return new Origin(operation, lines, backward, given, number);
  }

  /** As in {@code exp in forward at Mlp.java:24, from Classifier.java:13}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(operation);
    text.append(backward ? " in backward" : " in forward");
    for (int i = lines.size() - 1; i >= 0; i--) {
      text.append(i == lines.size() - 1 ? " at " : ", from ").append(lines.get(i));
    }
    if (microBatch > 0) {
      text.append(", in micro-batch ").append(microBatch);
    }
    return given
        ? text.append(", which was given a value that is not finite").toString()
        : text.toString();
  }
}
