package dev.mezzo.processor.check;

import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.stream.Stream;

/** A half class that computes a loss scales it. */
final class HalfWithoutLossScaledRule implements DeclarationRule {

  @Override
  public Stream<Problem> check(LayerDeclaration layer) {
    return layer.half() && layer.loss().isPresent() && layer.lossScaling().isEmpty()
        ? Stream.of(
            Catalogue.HALF_WITHOUT_LOSS_SCALED.at(
                layer.annotations().getOrDefault("Half", layer.position()), layer.type().name()))
        : Stream.empty();
  }
}
