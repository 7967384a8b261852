package dev.mezzo.processor.check;

import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.problem.Problem;
import java.util.stream.Stream;

/** A rule on what a class declares; it holds also where the class's methods cannot be read. */
interface DeclarationRule {

  /** The problems, if any. */
  Stream<Problem> check(LayerDeclaration layer);
}
