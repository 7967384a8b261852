package dev.mezzo.processor.read;

import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.problem.Catalogue;
import java.util.List;
import java.util.Optional;
import javax.lang.model.element.ExecutableElement;

/**
 * An operation's declaration.
 *
 * @param model absent where there are flaws
 * @param gradients the gradient methods that were looked at
 */
record OperationReading(
    Optional<OperationModel> model, List<Flaw> flaws, List<ExecutableElement> gradients) {

  /**
   * What is wrong with a declaration.
   *
   * @param method where
   * @param entry {@code MALFORMED_OPERATION} or {@code MALFORMED_GRADIENT}
   * @param found what was found, after the method's name
   * @param expected the right signature
   */
  record Flaw(ExecutableElement method, Catalogue entry, String found, String expected) {}
}
