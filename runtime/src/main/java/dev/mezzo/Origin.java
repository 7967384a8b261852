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
 */
public record Origin(String operation, List<String> lines, boolean backward, boolean given) {

  /** Copies the list. */
  public Origin {
    lines = List.copyOf(lines);
  }

  /** As in {@code exp in forward at Mlp.java:24, from Classifier.java:13}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(operation);
    text.append(backward ? " in backward" : " in forward");
    for (int i = lines.size() - 1; i >= 0; i--) {
      text.append(i == lines.size() - 1 ? " at " : ", from ").append(lines.get(i));
    }
    return given
        ? text.append(", which was given a value that is not finite").toString()
        : text.toString();
  }
}
