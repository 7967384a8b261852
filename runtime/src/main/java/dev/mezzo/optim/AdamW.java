package dev.mezzo.optim;

import dev.mezzo.backend.AdamWStep;
import dev.mezzo.backend.Backend;
import dev.mezzo.backend.StepControl;
import java.util.List;

/**
 * Adam with decoupled weight decay: {@code m = β₁m + (1−β₁)g; v = β₂v + (1−β₂)g²; w −=
 * rate·(m̂/(√v̂ + ε) + weightDecay·w)}, m̂ and v̂ corrected for their start at 0 by the number of
 * applied steps.
 *
 * @param schedule learning rate
 * @param beta1 decay of the mean, in [0, 1)
 * @param beta2 decay of the variance, in [0, 1)
 * @param epsilon keeps the quotient finite, at least 0
 * @param weightDecay at least 0
 * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter, Decoupled Weight Decay
 *     Regularization, algorithm 2</a>
 */
public record AdamW(Schedule schedule, float beta1, float beta2, float epsilon, float weightDecay)
    implements Optimizer {

  /** Checks the settings. */
  public AdamW {
    Rates.requireDecay("beta1", beta1);
    Rates.requireDecay("beta2", beta2);
    Rates.requireRate("epsilon", epsilon);
    Rates.requireRate("weight decay", weightDecay);
  }

  /** PyTorch's defaults, at a constant rate: β 0.9 and 0.999, ε 1e-8, weight decay 0.01. */
  public static AdamW of(float rate) {
    return of(Schedule.constant(rate));
  }

  /** PyTorch's defaults: β 0.9 and 0.999, ε 1e-8, weight decay 0.01. */
  public static AdamW of(Schedule schedule) {
    return new AdamW(schedule, 0.9f, 0.999f, 1e-8f, 0.01f);
  }

  /** With other decays of mean and variance. */
  public AdamW withBetas(float beta1, float beta2) {
    return new AdamW(schedule, beta1, beta2, epsilon, weightDecay);
  }

  /** With another ε. */
  public AdamW withEpsilon(float epsilon) {
    return new AdamW(schedule, beta1, beta2, epsilon, weightDecay);
  }

  /** With another weight decay. */
  public AdamW withWeightDecay(float weightDecay) {
    return new AdamW(schedule, beta1, beta2, epsilon, weightDecay);
  }

  @Override
  public List<String> state() {
    return List.of("mean", "variance");
  }

  @Override
  public void update(Backend backend, StepControl control, UpdateOperands weight) {
    backend.adamW(
        new AdamWStep(
            control,
            weight.gradient(),
            weight.state().get(0),
            weight.state().get(1),
            weight.master(),
            weight.shadow(),
            beta1,
            beta2,
            epsilon,
            weightDecay));
  }
}
