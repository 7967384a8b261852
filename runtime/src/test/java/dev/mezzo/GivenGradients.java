package dev.mezzo;

import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A training of bare parameters whose gradients the test gives, in the place of a model. */
final class GivenGradients extends Training {

  /** In the place of a gradient: backward does not reach the weight. */
  static final float[] UNREACHED = {};

  private final List<Weight> weights = new ArrayList<>();
  private final Device device;

  private GivenGradients(TrainingSettings settings, Weight.Kind kind, List<Parameter> model) {
    super(settings);
    this.device = model.getFirst().device();
    for (int i = 0; i < model.size(); i++) {
      weights.add(mixing().weight(model.get(i), "p" + i, kind));
    }
  }

  static TrainingBuilder<GivenGradients> training(Parameter... model) {
    return training(Weight.Kind.MASTER, model);
  }

  static TrainingBuilder<GivenGradients> training(Weight.Kind kind, Parameter... model) {
    return new TrainingBuilder<>(
        LossScale.dynamic(), settings -> new GivenGradients(settings, kind, List.of(model)));
  }

  static Parameter parameter(Device device, float... values) {
    try (Tensor tensor = tensor(device, DType.FP32, values)) {
      return Parameter.of(tensor);
    }
  }

  /**
   * Gradients as backward makes them, scaled, of the last weight first; empty for one not reached.
   */
  StepResult step(float[]... scaled) {
    begin();
    for (int i = scaled.length - 1; i >= 0; i--) {
      if (scaled[i].length > 0) {
        Weight weight = weights.get(i);
        weight.accumulate(tensor(device, weight.half().dtype(), scaled[i]), "Given.java:" + i);
      }
    }
    return update(loss());
  }

  Tape beginAlone() {
    return begin();
  }

  StepResult updateAlone() {
    return update(loss());
  }

  /** A step that lasts from {@code begun} until {@code end}. */
  StepResult stepDuring(CountDownLatch begun, CountDownLatch end) {
    begin();
    begun.countDown();
    try {
      end.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return update(loss());
  }

  Weight weight(int index) {
    return weights.get(index);
  }

  float readScale() {
    try (Tensor loss = loss()) {
      return lossScale(loss).item();
    }
  }

  /** A step whose loss has a shape that it must not have. */
  StepResult stepWithLoss(Tensor loss) {
    begin();
    lossScale(loss);
    return update(loss);
  }

  float evaluateLoss(Tensor loss) {
    return value(loss);
  }

  private Tensor loss() {
    return Tensor.allocate(device, Shape.of(), DType.FP32).fill(1.5f);
  }

  static Tensor tensor(Device device, DType dtype, float... values) {
    return Tensor.allocate(device, Shape.of(values.length), dtype).copyFrom(values);
  }
}
