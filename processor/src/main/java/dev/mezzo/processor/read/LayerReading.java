package dev.mezzo.processor.read;

import dev.mezzo.processor.model.LayerContract;
import dev.mezzo.processor.model.LayerDeclaration;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.problem.Problem;
import java.util.List;
import java.util.Optional;

/**
 * A layer as far as it could be read.
 *
 * @param model absent where the class has no entry, or the reader has found errors
 * @param contract of an interface or abstract class
 * @param problems what the reader itself has found
 */
public record LayerReading(
    LayerDeclaration declaration,
    Optional<LayerModel> model,
    Optional<LayerContract> contract,
    List<Problem> problems) {}
