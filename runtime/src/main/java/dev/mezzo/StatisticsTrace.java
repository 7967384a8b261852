package dev.mezzo;

import dev.mezzo.backend.Operand;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects the statistics of one step: it runs the step's pass with every kernel's result looked
 * at, and compares the weights before and after the update. Such a step takes several times as
 * long; others pay nothing.
 */
final class StatisticsTrace implements KernelListener {

  private final Device device;
  private final HalfFormat half;
  private final Map<String, Layer> layers = new LinkedHashMap<>();
  private final Map<TrainedParameter, float[]> before = new LinkedHashMap<>();
  private final WeightRegistry registry;
  private @Nullable ModelLines last;
  private ExponentHistogram lastGradient = ExponentHistogram.empty();

  StatisticsTrace(Device device, HalfFormat half, WeightRegistry registry) {
    this.device = device;
    this.registry = registry;
    this.half = half;
  }

  /** Runs forward and backward, looks, and keeps the weights as they are before the update. */
  Tensor run(Training.Pass pass, Tape tape) {
    List<Tensor> loss = new ArrayList<>();
    registry.watch(this::forget);
    try {
      device.watch(this, () -> loss.add(pass.run(tape)));
    } finally {
      registry.watch(null);
    }
    keep();
    for (TrainedParameter parameter : registry.reached()) {
      before.put(parameter, parameter.master().toFloats());
    }
    return loss.getFirst();
  }

  @Override
  public void after(List<Operand> results) {
    ModelLines.current()
        .filter(at -> !at.operation().equals("accumulate"))
        .map(at -> at.in(registry.element(at.layer())))
        .ifPresent(at -> note(at, results));
  }

  private void note(ModelLines at, List<Operand> results) {
    if (!at.equals(last)) {
      keep();
    }
    Layer layer = layer(at);
    for (Operand result : results) {
      if (result.dtype() == half.dtype()) {
        ExponentHistogram values = ExponentHistogram.of(device, result, 1f);
        if (at.backward()) {
          last = at;
          lastGradient = lastGradient.plus(values);
        } else {
          layer.activations = layer.activations.plus(values);
        }
      }
    }
  }

  /** Adds the last operation's result in backward: no weight's gradient, as it turned out. */
  private void keep() {
    if (last != null) {
      Layer layer = layer(last);
      layer.gradients = layer.gradients.plus(lastGradient);
    }
    forget();
  }

  /** Leaves it out: it is a weight's. */
  private void forget() {
    last = null;
    lastGradient = ExponentHistogram.empty();
  }

  private Layer layer(ModelLines at) {
    return layers.computeIfAbsent(
        at.layer(), _ -> new Layer(at.type(), at.lines().subList(0, at.lines().size() - 1)));
  }

  /** What was found, once the weights are updated, or not. */
  StepStatistics afterUpdate(float scale, boolean applied) {
    List<WeightStatistics> weights = new ArrayList<>();
    before.forEach((parameter, values) -> weights.add(weight(parameter, values, applied)));
    return new StepStatistics(
        1,
        scale,
        half,
        layers.entrySet().stream().map(e -> e.getValue().statistics(e.getKey())).toList(),
        weights);
  }

  private WeightStatistics weight(TrainedParameter parameter, float[] values, boolean applied) {
    Tensor gradient = parameter.gradient();
    if (gradient == null) {
      throw new IllegalStateException(parameter.path() + " has lost its gradient");
    }
    float bits = half == HalfFormat.BF16 ? 0x1p8f : 0x1p11f;
    float[] gradients = gradient.toFloats();
    float[] after = parameter.master().toFloats();
    long updates = 0;
    long vanishing = 0;
    for (int i = 0; applied && i < values.length; i++) {
      if (gradients[i] != 0) {
        updates++;
        vanishing += Math.abs(values[i]) >= bits * Math.abs(after[i] - values[i]) ? 1 : 0;
      }
    }
    return new WeightStatistics(
        parameter.path(),
        parameter.source(),
        ExponentHistogram.of(gradient, 1f),
        updates,
        vanishing);
  }

  /** Of one place of the model. */
  private static final class Layer {
    private final String type;
    private final List<String> lines;
    private ExponentHistogram activations = ExponentHistogram.empty();
    private ExponentHistogram gradients = ExponentHistogram.empty();

    Layer(String type, List<String> lines) {
      this.type = type;
      this.lines = lines;
    }

    LayerStatistics statistics(String path) {
      return new LayerStatistics(path, type, lines, activations, gradients);
    }
  }
}
