package dev.mezzo.processor.plan;

import static dev.mezzo.processor.plan.ModelBuilder.LINEAR;
import static dev.mezzo.processor.plan.ModelBuilder.half;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FusionPlannerTest {

  @Test
  void aChainIsOnePassAndItsGradientsAnother() {
    ModelBuilder layer =
        half("Gated")
            .subLayer("one", LINEAR)
            .subLayer("two", LINEAR)
            .function(
                "forward(x)",
                "gate = one(x)",
                "up = two(x)",
                "g = gelu(gate)",
                "y = multiply(g, up)",
                "return y");
    assertEquals(
        List.of(
            "Y = (gate, up) -> gelu(gate) * up",
            "Y_GRADIENT = (dy, gate, up) -> dy * gelu(gate), geluGradient(dy * up, gate)"),
        formulas(layer));
    assertEquals(
        List.of(
            "gate = one.forward(tape, x)",
            "up = two.forward(tape, x)",
            "y = Y(gate, up, half)",
            "save gate",
            "save up",
            "close gate",
            "close up",
            "return y"),
        Listing.forward(layer));
  }

  @Test
  void whatSomebodyElseReadsStaysAValue() {
    ModelBuilder layer =
        half("Net")
            .subLayer("one", LINEAR)
            .function("forward(x)", "r = tanh(x)", "h = one(r)", "y = multiply(r, h)", "return y");
    assertEquals(List.of(), formulas(layer));
  }

  @Test
  void aBranchEndsAnExpression() {
    ModelBuilder layer =
        half("Net")
            .function(
                "forward(x)",
                "r = tanh(x)",
                "if model.yes {",
                "s = scale(r, 2f)",
                "} else {",
                "} (v = s : r)",
                "y = relu(v)",
                "return y");
    assertEquals(List.of(), formulas(layer));
  }

  @Test
  void aResultThatTheGradientReadsIsNotComputedAgain() {
    ModelBuilder layer =
        half("Net").function("forward(x, z)", "s = add(x, z)", "y = tanh(s)", "return y");
    assertEquals(
        List.of(
            "Y = (x, z) -> tanh(x + z)",
            "Y_GRADIENT = (dy, y) -> tanhGradient(dy, y), tanhGradient(dy, y)"),
        formulas(layer));
  }

  @Test
  void noMoreIsSavedThanBefore() {
    ModelBuilder layer =
        half("Net").function("forward(x, z)", "s = multiply(x, z)", "y = gelu(s)", "return y");
    // apart: x, z and s, of which gelu's gradient reads one and multiply's two; together: x and z
    assertEquals(1, formulas(layer).size() / 2);
    ModelBuilder worse =
        half("Net").function("forward(x, z)", "s = add(x, z)", "y = gelu(s)", "return y");
    // apart: s alone; together x and z
    assertEquals(List.of(), formulas(worse));
  }

  @Test
  void castsBetweenAreGone() {
    ModelBuilder layer =
        half("Net").function("forward(x)", "e = exp(x)", "m = matmul(e, e)", "return m");
    assertEquals("E16 = (x) -> exp(x)", formulas(layer).getFirst());
  }

  @Test
  void parametersAloneAreComputedBeforehand() {
    ModelBuilder layer =
        half("Net")
            .parameter("gain")
            .function("forward(x)", "g = gelu(gain)", "y = multiply(x, g)", "return y");
    assertEquals(List.of(), formulas(layer));
  }

  private static List<String> formulas(ModelBuilder layer) {
    Stream<FusedPlan> fused = layer.fused().plan().fused().stream();
    return fused.map(each -> each.name() + " = " + each.formula()).toList();
  }
}
