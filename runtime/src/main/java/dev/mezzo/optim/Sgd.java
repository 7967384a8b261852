package dev.mezzo.optim;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.SgdStep;
import dev.mezzo.backend.StepControl;
import java.util.List;

/**
 * Stochastic gradient descent: {@code g = gradient + weightDecay·w; v = momentum·v + g; w −=
 * rate·(nesterov ? g + momentum·v : v)}, v = 0 at first. As PyTorch's {@code SGD} with dampening 0.
 *
 * @param schedule learning rate
 * @param momentum in [0, 1); 0: no velocity is kept
 * @param nesterov whether the step looks one velocity ahead; needs momentum
 * @param weightDecay factor of the L2 penalty's gradient, at least 0
 * @see <a href="https://proceedings.mlr.press/v28/sutskever13.html">Sutskever et al., On the
 *     importance of initialization and momentum in deep learning</a>
 */
public record Sgd(Schedule schedule, float momentum, boolean nesterov, float weightDecay)
    implements Optimizer {

  /** Checks the settings. */
  public Sgd {
    Rates.requireDecay("momentum", momentum);
    Rates.requireRate("weight decay", weightDecay);
    if (nesterov && momentum == 0) {
      throw new IllegalArgumentException(
          "Nesterov's momentum needs momentum; call withMomentum first");
    }
  }

  /** Plain gradient descent at a constant rate. */
  public static Sgd of(float rate) {
    return of(Schedule.constant(rate));
  }

  /** Plain gradient descent. */
  public static Sgd of(Schedule schedule) {
    return new Sgd(schedule, 0f, false, 0f);
  }

  /** With momentum in [0, 1). */
  public Sgd withMomentum(float momentum) {
    return new Sgd(schedule, momentum, nesterov, weightDecay);
  }

  /** With Nesterov's momentum. */
  public Sgd withNesterov() {
    return new Sgd(schedule, momentum, true, weightDecay);
  }

  /** With the gradient of {@code weightDecay/2·|w|²} added. */
  public Sgd withWeightDecay(float weightDecay) {
    return new Sgd(schedule, momentum, nesterov, weightDecay);
  }

  @Override
  public List<String> state() {
    return momentum == 0 ? List.of() : List.of("velocity");
  }

  @Override
  public void update(Backend backend, StepControl control, UpdateOperands weight) {
    backend.sgd(
        new SgdStep(
            control,
            weight.gradient(),
            momentum == 0 ? null : weight.state().get(0),
            weight.master(),
            weight.shadow(),
            momentum,
            nesterov,
            weightDecay));
  }
}
