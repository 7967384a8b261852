package dev.mezzo.examples.parity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.HalfFormat;
import dev.mezzo.Skipped;
import dev.mezzo.StepResult;
import dev.mezzo.Tensor;
import dev.mezzo.Training;
import dev.mezzo.WeightView;
import dev.mezzo.layers.Linear;
import dev.mezzo.optim.Sgd;
import dev.mezzo.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Fifty steps from PyTorch's weights, on its data in its order.
 *
 * <p>Tolerances: in FP32 both sides differ by the order of summation alone, about √k·2⁻²⁴ a product
 * and three products deep, which fifty steps amplify by less than a hundred: 1e-4. In 16 bits, with
 * u = 2⁻¹¹ (FP16) or 2⁻⁸ (BF16), each of about ten roundings between pixels and gradient is off by
 * at most u, 10u of a gradient's norm to first order; and where a pre-activation is within about 2u
 * of its spread from zero, which holds for 1.6u of them if they are normal, ReLU's derivative may
 * be the other one: at most √(1.6u) of the norm. Together 3e-2 and 12e-2 at most; the bounds here
 * are 2e-2, and eight times that for BF16, whose u is eight times as large.
 */
class ParityTest {

  private static final int STEPS = 50;
  private static final int BATCH = 64;
  private static final int PIXELS = 784;

  private final Reference reference = Reference.load();
  private final int[] order = reference.ints("order");
  private final byte[] pixels = reference.bytes("pixels");

  @ParameterizedTest
  @CsvSource({"NONE, 1e-4", "FP16, 2e-2", "BF16, 16e-2"})
  void lossesAgreeWithPyTorch(HalfFormat half, double tolerance) {
    float[] expected = reference.floats("losses");
    try (MixedThreeLayersClassifier training = training(half)) {
      for (int step = 0; step < STEPS; step++) {
        float loss = step(training, step);
        assertEquals(expected[step], loss, tolerance * expected[step], half + ", step " + step);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"NONE, 1e-5", "FP16, 2e-2", "BF16, 16e-2"})
  void gradientsOfTheFirstStepAgreeWithPyTorch(HalfFormat half, double tolerance) {
    try (MixedThreeLayersClassifier training = training(half)) {
      step(training, 0);
      assertGradients(training, "gradient.first", tolerance);
    }
  }

  @Test
  void gradientsAndWeightsAfterFiftyStepsAgreeWithPyTorch() {
    try (MixedThreeLayersClassifier training = training(HalfFormat.NONE)) {
      for (int step = 0; step < STEPS; step++) {
        step(training, step);
      }
      assertGradients(training, "gradient.last", 1e-3);
      for (WeightView weight : training.weights()) {
        assertClose("trained." + name(weight), weight.values(), 1e-4);
      }
    }
  }

  @Test
  void theEagerModelIsTheTrainedOne() {
    ThreeLayersClassifier model = model();
    try (MixedThreeLayersClassifier training = training(model, HalfFormat.NONE)) {
      for (int step = 0; step < STEPS; step++) {
        step(training, step);
      }
    }
    try (Tensor images = images(STEPS - 1);
        Tensor logits = model.net().forward(images)) {
      assertClose("logits", logits.toFloats(), 1e-3);
    }
  }

  private void assertGradients(Training training, String prefix, double tolerance) {
    List<String> checked = new ArrayList<>();
    for (WeightView weight : training.weights()) {
      assertClose(
          prefix + "." + name(weight), Objects.requireNonNull(weight.gradient()), tolerance);
      checked.add(name(weight));
    }
    assertEquals(6, checked.size(), checked.toString());
  }

  /** The norm of the difference is at most {@code tolerance} of the reference's norm. */
  private void assertClose(String name, float[] actual, double tolerance) {
    float[] expected = reference.floats(name);
    assertEquals(expected.length, actual.length, name);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    double relative = Math.sqrt(difference / norm);
    assertTrue(relative <= tolerance, name + " is off by " + relative);
  }

  private static String name(WeightView weight) {
    return weight.path().substring("net.".length());
  }

  private MixedThreeLayersClassifier training(HalfFormat half) {
    return training(model(), half);
  }

  private static MixedThreeLayersClassifier training(ThreeLayersClassifier model, HalfFormat half) {
    return MixedThreeLayersClassifier.training(model)
        .optimizer(Sgd.of(0.02f).withMomentum(0.9f))
        .half(half)
        .build();
  }

  private ThreeLayersClassifier model() {
    return new ThreeLayersClassifier(
        new ThreeLayers(linear("first"), linear("second"), linear("out")));
  }

  private Linear linear(String name) {
    Shape shape = reference.shape("initial." + name + ".weight");
    Linear linear = new Linear(shape.dim(1), shape.dim(0));
    linear.weight().copyFrom(reference.floats("initial." + name + ".weight"));
    linear.bias().copyFrom(reference.floats("initial." + name + ".bias"));
    return linear;
  }

  /**
   * The step's loss. While the loss scale still falls the weights stay as they are, and it is tried
   * again.
   */
  private float step(MixedThreeLayersClassifier training, int step) {
    try (Tensor images = images(step);
        Tensor labels = labels(step)) {
      StepResult result = training.step(images, labels);
      while (result instanceof Skipped) {
        result = training.step(images, labels);
      }
      return result.loss();
    }
  }

  private Tensor images(int step) {
    float[] values = new float[BATCH * PIXELS];
    for (int i = 0; i < values.length; i++) {
      values[i] = (pixels[pick(step, i / PIXELS) * PIXELS + i % PIXELS] & 0xFF) / 255f;
    }
    return Tensor.of(Shape.of(BATCH, PIXELS), values);
  }

  private Tensor labels(int step) {
    int[] all = reference.ints("labels");
    int[] values = new int[BATCH];
    for (int i = 0; i < BATCH; i++) {
      values[i] = all[pick(step, i)];
    }
    return Tensor.ofInts(Shape.of(BATCH), values);
  }

  private int pick(int step, int i) {
    return order[step * BATCH + i];
  }
}
