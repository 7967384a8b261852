package dev.mezzo.processor.check;

import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;

/** The interfaces that a layer implements agree on what it is given. */
final class AmbiguousBorderRule {

  private AmbiguousBorderRule() {}

  static Stream<Problem> check(LayerModel layer, Function<ClassName, LayerInterface> interfaces) {
    if (layer.contracts().isEmpty()) {
      return Stream.empty();
    }
    ClassName first = layer.contracts().getFirst();
    LayerInterface border = interfaces.apply(first);
    return layer.contracts().stream()
        .skip(1)
        .filter(other -> !interfaces.apply(other).equals(border))
        .map(
            other ->
                Catalogue.AMBIGUOUS_BORDER.at(
                    layer.position(),
                    layer.type().name(),
                    first.name(),
                    given(border),
                    other.name(),
                    given(interfaces.apply(other))));
  }

  private static String given(LayerInterface border) {
    return border.output().name().toLowerCase(Locale.ROOT);
  }
}
