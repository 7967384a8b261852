package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.optim.Sgd;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Weights as mixed forms see them: kinds, sharing, and how gradients add up. */
class WeightTest {

  private final Device device = TestDevices.scalar();
  private final WeightRegistry registry = new WeightRegistry();
  private final Mixing mixing = new Mixing(registry, "", DType.FP16);
  private final Parameter parameter = GivenGradients.parameter(device, 1f, 1.0001f, 3f);

  @AfterEach
  void close() {
    registry.parameters().forEach(TrainedParameter::close);
  }

  @Test
  void aMasterHasAShadow() {
    Weight weight = mixing.weight(parameter, "w", Weight.Kind.MASTER);
    open(true);
    assertEquals(DType.FP16, weight.half().dtype());
    assertArrayEquals(new float[] {1f, 1f, 3f}, weight.half().toFloats());
    assertSame(parameter, weight.full());
  }

  @Test
  void halfOnlyIsWidenedForWhoReadsItInFp32() {
    Weight weight = mixing.weight(parameter, "w", Weight.Kind.HALF_ONLY);
    open(true);
    assertEquals(DType.FP32, weight.full().dtype());
    assertArrayEquals(new float[] {1f, 1f, 3f}, weight.full().toFloats());
    assertSame(weight.full(), weight.full());
  }

  @Test
  void fullHasNoShadow() {
    Weight weight = mixing.weight(parameter, "w", Weight.Kind.FULL);
    Weight inFullLayer =
        mixing.full().weight(GivenGradients.parameter(device, 1f), "v", Weight.Kind.MASTER);
    open(true);
    assertSame(parameter, weight.half());
    assertSame(parameter, weight.full());
    assertEquals(DType.FP32, inFullLayer.half().dtype());
    assertEquals(DType.FP32, mixing.full().half());
    assertEquals(0, registry.parameters().get(0).memoryUse().shadows());
    assertEquals(0, registry.parameters().get(1).memoryUse().shadows());
  }

  @Test
  void withoutMastersAFullWeightIsStillFp32() {
    Weight full = mixing.weight(parameter, "w", Weight.Kind.FULL);
    Weight master = mixing.weight(GivenGradients.parameter(device, 1f), "v", Weight.Kind.MASTER);
    open(false);
    assertEquals(DType.FP32, full.half().dtype());
    assertEquals(DType.FP16, master.half().dtype());
    assertEquals(2, registry.parameters().get(1).memoryUse().weights());
  }

  @Test
  void tiedParametersShareStateAndAddTheirGradients() {
    Mixing net = mixing.layer("model", "net", (model, child) -> child);
    Weight first = net.weight(parameter, "w", Weight.Kind.MASTER);
    Weight second = mixing.weight(parameter, "again", Weight.Kind.MASTER);
    Weight third = mixing.full().weight(parameter, "full", Weight.Kind.MASTER);
    open(true);
    assertEquals(1, registry.parameters().size());
    assertEquals("net.w", second.path());
    assertSame(first.half(), second.half());
    assertSame(parameter, third.half());
    second.accumulate(gradient(DType.FP16, 1f, 2f, 3f), "B.java:2 matmul");
    first.accumulate(gradient(DType.FP16, 1f, 2f, 3f), "A.java:1 linear");
    third.accumulate(gradient(DType.FP32, 10f, 20f, 30f), "A.java:1 linear");
    assertArrayEquals(new float[] {12f, 24f, 36f}, sum().toFloats());
    assertEquals(DType.FP16, sum().dtype());
    assertEquals(
        new Overflow("net", "w", "B.java:2 matmul and A.java:1 linear", null, "no reason"),
        registry.parameters().getFirst().overflow("no reason"));
    assertEquals(
        "B.java:2 matmul and A.java:1 linear, grad of net.w; origin unknown: no reason",
        registry.parameters().getFirst().overflow("no reason").toString());
  }

  @Test
  void theSameLayerHasOneFormInEachPrecision() {
    Object model = new Object();
    Object form = mixing.layer(model, "a", (m, child) -> new Object());
    assertSame(form, mixing.layer(model, "b", (m, child) -> new Object()));
    Object full = mixing.full().layer(model, "c", (m, child) -> new Object());
    assertNotSame(form, full);
  }

  @Test
  void theFirstGradientIsTakenAsItIs() {
    Weight weight = mixing.weight(parameter, "w", Weight.Kind.MASTER);
    open(true);
    Tensor gradient = gradient(DType.FP16, 1f, 2f, 3f);
    weight.accumulate(gradient, "A.java:1 linear");
    assertSame(gradient, sum());
    Tensor second = gradient(DType.FP16, 1f, 1f, 1f);
    weight.accumulate(second, "A.java:2 linear");
    assertSame(gradient, sum(), "added in place");
    assertTrue(second.isClosed());
    assertArrayEquals(new float[] {2f, 3f, 4f}, sum().toFloats());
  }

  @Test
  void aGradientThatSomebodyElseReadsIsNotWrittenTo() {
    Weight weight = mixing.weight(parameter, "w", Weight.Kind.MASTER);
    open(true);
    try (Tensor dy = gradient(DType.FP16, 1f, 2f, 3f)) {
      weight.accumulate(dy.retain(), "A.java:1 add");
      weight.accumulate(dy.retain(), "A.java:1 add");
      assertArrayEquals(new float[] {2f, 4f, 6f}, sum().toFloats());
      assertArrayEquals(new float[] {1f, 2f, 3f}, dy.toFloats());
    }
    long live = device.memory().liveTensors();
    registry.dropGradients();
    assertEquals(live - 1, device.memory().liveTensors());
    assertEquals(0, registry.reached().size());
  }

  @Test
  void aTransposedGradientIsStoredInTheWeightsOrder() {
    Parameter matrix;
    try (Tensor zeros = Tensor.zeros(device, Shape.of(2, 3), DType.FP32)) {
      matrix = Parameter.of(zeros);
    }
    Weight weight = mixing.weight(matrix, "w", Weight.Kind.MASTER);
    open(true);
    try (Tensor stored =
        Tensor.allocate(device, Shape.of(3, 2), DType.FP16)
            .copyFrom(new float[] {1f, 4f, 2f, 5f, 3f, 6f})) {
      weight.accumulate(stored.view(Shape.of(2, 3), true), "A.java:1 matmul");
    }
    assertTrue(!sum().layout().transposed());
    assertArrayEquals(new float[] {1f, 2f, 3f, 4f, 5f, 6f}, sum().toFloats());
  }

  private void open(boolean masterWeights) {
    registry.parameters().forEach(p -> p.open(DType.FP16, masterWeights, Sgd.of(1f)));
  }

  private Tensor gradient(DType dtype, float... values) {
    return GivenGradients.tensor(device, dtype, values);
  }

  private Tensor sum() {
    Tensor gradient = registry.parameters().getFirst().gradient();
    assertNotNull(gradient);
    return gradient;
  }
}
