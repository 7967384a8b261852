package dev.mezzo.examples.training;

import dev.mezzo.Applied;
import dev.mezzo.ExponentHistogram;
import dev.mezzo.StepResult;
import dev.mezzo.Tensor;
import dev.mezzo.Training;
import dev.mezzo.WeightView;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Looks at one step: {@link #before} it, {@link #after} it. Copies all weights, so costs more than
 * the step.
 */
final class StepSampler {

  private final Training training;
  private final Map<String, float[]> weightsBefore = new HashMap<>();

  StepSampler(Training training) {
    this.training = training;
  }

  void before() {
    for (WeightView weight : training.weights()) {
      weightsBefore.put(weight.path(), weight.values());
    }
  }

  GradientStatistics after(StepResult result) {
    GradientStatistics all = GradientStatistics.none();
    if (result instanceof Applied) {
      ExponentHistogram exponents = ExponentHistogram.empty();
      ExponentHistogram scaledExponents = ExponentHistogram.empty();
      long updates = 0;
      long lost = 0;
      for (WeightView weight : training.weights()) {
        Tensor scaled = weight.scaledGradient();
        float[] gradient = weight.gradient();
        if (scaled == null || gradient == null) {
          continue;
        }
        exponents = exponents.plus(weight.gradientExponents());
        scaledExponents = scaledExponents.plus(ExponentHistogram.of(scaled, 1f));
        float[] before = Objects.requireNonNull(weightsBefore.get(weight.path()));
        float[] after = weight.values();
        for (int i = 0; i < gradient.length; i++) {
          if (gradient[i] != 0) {
            updates++;
            lost += before[i] == after[i] ? 1 : 0;
          }
        }
      }
      all = new GradientStatistics(exponents, scaledExponents, 1, updates, lost);
    }
    weightsBefore.clear();
    return all;
  }
}
