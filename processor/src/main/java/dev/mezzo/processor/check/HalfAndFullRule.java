package dev.mezzo.processor.check;

import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.stream.Stream;

/** A class runs either in half or in full precision. */
final class HalfAndFullRule implements DeclarationRule {

  @Override
  public Stream<Problem> check(LayerDeclaration layer) {
    return layer.half() && layer.full()
        ? Stream.of(
            Catalogue.HALF_AND_FULL.at(
                layer.annotations().getOrDefault("Full", layer.position()),
                "class",
                layer.type().name()))
        : Stream.empty();
  }
}
