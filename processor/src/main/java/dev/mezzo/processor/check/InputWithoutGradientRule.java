package dev.mezzo.processor.check;

import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A layer whose class its holders do not know has the gradients that they count on. */
final class InputWithoutGradientRule {

  private InputWithoutGradientRule() {}

  static Stream<Problem> check(LayerModel layer, LayerInterface signature) {
    List<Value> inputs = layer.entry().inputs();
    if (layer.contracts().isEmpty() || layer.lossScaling().isPresent()) {
      return Stream.empty();
    }
    return IntStream.range(0, inputs.size())
        .filter(i -> !signature.differentiable().get(i))
        .mapToObj(
            i ->
                Catalogue.UNSUPPORTED_CONSTRUCT.at(
                    layer.entry().position(),
                    "an input '" + inputs.get(i).name() + "' without gradient",
                    "forward",
                    "not what '" + layer.contracts().getFirst().name() + "' promises",
                    "do not implement it, and give fields the class's own type"));
  }
}
