package dev.mezzo.processor.dims;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.Ops;
import java.io.IOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rule of every operation against the operation itself, on random shapes and numbers, most of
 * which fit: what the rule says comes out does, and what it refuses is refused.
 */
class ShapeRulesTest {
  private static final int TRIES = 300_000;
  private static final int AGREEMENTS = 20;

  static Stream<DeclaredOperation> operations() throws IOException {
    return DeclaredOperation.of(Ops.class).stream();
  }

  @ParameterizedTest
  @MethodSource("operations")
  void ruleAgreesWithTheOperation(DeclaredOperation operation) throws IllegalAccessException {
    assertTrue(operation.text("shape").isPresent(), "has no rule");
    ShapeRule rule =
        ShapeRule.parse(operation.text("shape").orElseThrow(), new HashSet<>(operation.operands()));
    Random random = new Random(7);
    int agreements = 0;
    for (int i = 0; i < TRIES && agreements < AGREEMENTS; i++) {
      Trial trial = Trial.draw(operation, rule, random);
      Optional<List<ShapeTerm>> actual =
          trial.run().map(all -> all.stream().map(Trial::term).toList());
      RuleApplication.Outcome outcome = RuleApplication.apply(rule, trial.given(), new Solver());
      String text = operation + " of " + trial + ": " + outcome + ", but is " + actual;
      if (actual.isPresent()) {
        assertEquals(Optional.empty(), outcome.mismatch(), text);
        List<ShapeTerm> all = actual.get();
        assertEquals(
            all, outcome.parts().orElse(Collections.nCopies(all.size(), outcome.result())), text);
        agreements++;
      }
    }
    assertTrue(agreements == AGREEMENTS, "only " + agreements + " random calls were valid");
  }
}
