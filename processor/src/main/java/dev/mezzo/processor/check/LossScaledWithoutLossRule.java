package dev.mezzo.processor.check;

import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.stream.Stream;

/** A class annotated with {@code @LossScaled} has a loss method. */
final class LossScaledWithoutLossRule implements DeclarationRule {

  @Override
  public Stream<Problem> check(LayerDeclaration layer) {
    return layer.lossScaling().isPresent() && layer.loss().isEmpty()
        ? Stream.of(
            Catalogue.LOSS_SCALED_WITHOUT_LOSS.at(
                layer.annotations().getOrDefault("LossScaled", layer.position()),
                layer.type().name()))
        : Stream.empty();
  }
}
