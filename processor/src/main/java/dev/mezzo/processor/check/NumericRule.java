package dev.mezzo.processor.check;

import dev.mezzo.processor.problem.Problem;
import java.util.stream.Stream;

/** A rule on numbers in 16 bits: it knows operations by what they declare of themselves. */
interface NumericRule {

  /** The problems of one function. */
  Stream<Problem> check(Dataflow function);
}
