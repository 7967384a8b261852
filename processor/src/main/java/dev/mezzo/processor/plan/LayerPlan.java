package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.LayerModel;
import java.util.List;
import java.util.Optional;

/**
 * A mixed form as it is generated.
 *
 * @param signature what its callers must know
 * @param precisions the precision of everything
 * @param functions the entry first, then its helpers in declaration order
 * @param fused expressions in one pass, in the order of their functions
 * @param values every tensor of the functions, in their order
 * @param usesHalf whether a cast to half occurs
 * @param usesModel whether plain code reads the user's object
 */
public record LayerPlan(
    LayerModel layer,
    LayerInterface signature,
    PrecisionPlan precisions,
    List<WeightPlan> weights,
    List<FunctionPlan> functions,
    List<Row> table,
    List<FusedPlan> fused,
    List<ValuePlan> values,
    boolean usesHalf,
    boolean usesModel) {

  /** {@code forward}, or {@code loss}. */
  public FunctionPlan entry() {
    return functions.getFirst();
  }

  /** The function of the given name. */
  public Optional<FunctionPlan> function(String name) {
    return functions.stream().filter(f -> f.source().name().equals(name)).findFirst();
  }
}
