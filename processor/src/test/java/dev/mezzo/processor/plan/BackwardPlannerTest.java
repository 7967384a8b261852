package dev.mezzo.processor.plan;

import static dev.mezzo.processor.plan.ModelBuilder.DROPOUT;
import static dev.mezzo.processor.plan.ModelBuilder.LINEAR;
import static dev.mezzo.processor.plan.ModelBuilder.half;
import static dev.mezzo.processor.plan.ModelBuilder.root;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class BackwardPlannerTest {

  @Test
  void parametersFirstTheInputWhereItIsWanted() {
    ModelBuilder layer =
        half("Linear")
            .parameter("weight")
            .parameter("bias")
            .function("forward(x)", "y = linear(x, weight, bias)", "return y");
    assertEquals(
        List.of(
            "restore x",
            "bias += linearGradientBias(bias.sum(), dy, bias.half.layout)",
            "weight += linearGradientWeight(weight.sum(), dy, x)",
            "dx = x ? linearGradientX(dy, weight.half, x.layout)",
            "close x",
            "return dx"),
        Listing.backward(layer));
  }

  @Test
  void gradientsOfAValueReadTwiceAddUp() {
    ModelBuilder layer =
        half("Residual")
            .subLayer("hidden", LINEAR)
            .function("forward(x)", "r = relu(x)", "h = hidden(r)", "y = add(r, h)", "return y");
    assertEquals(
        List.of(
            "restore hLayout",
            "restore r",
            "dh = addGradientB(dy, hLayout)",
            "dr1 = x ? addGradientA(dy, r.layout)",
            "dr2 = hidden.backward(tape, dh, x)",
            "close dh",
            "unless x",
            "  close r",
            "  return null",
            "dr = plus(dr1, dr2)",
            "dx = reluGradient(dr, r)",
            "close r",
            "close dr",
            "return dx"),
        Listing.backward(layer));
  }

  @Test
  void threeReadersAddUpAsTheyCome() {
    ModelBuilder layer =
        half("A")
            .parameter("w")
            .function(
                "forward(x)",
                "m = matmul(x, w)",
                "a = multiply(m, m)",
                "y = add(a, m)",
                "return y");
    assertEquals(
        List.of("dm1", "dm2", "dm12", "dm3", "dm"),
        Listing.backward(layer).stream()
            .filter(line -> line.startsWith("dm"))
            .map(line -> line.substring(0, line.indexOf(' ')))
            .toList());
  }

  @Test
  void theSameSubLayerTwiceRestoresInReverse() {
    ModelBuilder layer =
        half("Twice")
            .subLayer("lin", LINEAR)
            .function("forward(x)", "a = lin(x)", "y = lin(a)", "return y");
    assertEquals(
        List.of(
            "da = lin.backward(tape, dy, true)",
            "dx = lin.backward(tape, da, x)",
            "close da",
            "return dx"),
        Listing.backward(layer));
  }

  @Test
  void nothingIsComputedForTheInputsOfARoot() {
    ModelBuilder layer =
        root("Classifier")
            .subLayer("net", LINEAR)
            .function(
                "loss(images, labels)",
                "logits = net(images)",
                "l = crossEntropy(logits, labels)",
                "return l");
    assertEquals(
        List.of(
            "restore labels",
            "restore logits",
            "dLogits = crossEntropyGradient(dLoss, logits, labels)",
            "close labels",
            "close logits",
            "net.backward(tape, dLogits, false)",
            "close dLogits",
            "return"),
        Listing.backward(layer));
  }

  @Test
  void castsAreReversed() {
    ModelBuilder layer =
        half("A")
            .subLayer("a", LINEAR)
            .subLayer("b", LINEAR)
            .function("forward(x)", "h = a(x)", "e = mean(h)", "y = b(e)", "return y");
    assertEquals(
        List.of("dE16 = b.backward(tape, dy, true)", "de = cast(dE16, full)", "close dE16"),
        Listing.backward(layer).subList(0, 3));
  }

  @Test
  void aViewOfAParameterIsMadeAgain() {
    ModelBuilder layer =
        half("Dense")
            .parameter("w")
            .function("forward(x)", "t = transpose(w)", "y = matmul(x, t)", "return y");
    assertEquals(
        List.of(
            "t = transpose(w.half)", "y = matmul(finish, x, t)", "save x", "close t", "return y"),
        Listing.forward(layer));
    assertEquals(
        List.of(
            "restore x",
            "t = transpose(w.half)",
            "dt = matmulGradientB(transpose(w.sum()), dy, x, t.layout)",
            "dx = x ? matmulGradientA(dy, t, x.layout)",
            "close x",
            "close t",
            "w += transposeGradient(dt)",
            "close dt",
            "return dx"),
        Listing.backward(layer));
  }

  @Test
  void theSourceOfAViewsGradientIsItsReader() {
    ModelBuilder layer =
        half("Dense")
            .parameter("w")
            .function("forward(x)", "t = transpose(w)", "y = matmul(x, t)", "return y");
    List<String> sources =
        layer.plan().entry().backward().orElseThrow().steps().stream()
            .filter(Step.Accumulate.class::isInstance)
            .map(step -> ((Step.Accumulate) step).source())
            .toList();
    assertEquals(List.of("Dense.java:12 matmul"), sources);
  }

  @Test
  void theGradientOfAWeightReadInBothPrecisionsIsRoundedWhereItIsAdded() {
    ModelBuilder layer =
        half("A")
            .parameter("w")
            .function("forward(x)", "m = matmul(x, w)", "e = exp(m)", "y = add(e, w)", "return y");
    assertEquals(WeightPlan.Kind.MASTER, layer.plan().weights().getFirst().kind());
    assertEquals(
        List.of(
            "w += addGradientB(dy, w.full.layout)",
            "w += matmulGradientB(w.sum(), dm, x, w.half.layout)"),
        Listing.backward(layer).stream().filter(line -> line.contains("w +=")).toList());
  }

  @Test
  void aWeightReadInFullOnlyHasNoShadow() {
    ModelBuilder layer =
        half("A").parameter("w").function("forward(x)", "e = exp(x)", "y = add(e, w)", "return y");
    assertEquals(WeightPlan.Kind.FULL, layer.plan().weights().getFirst().kind());
  }

  @Test
  void aLayerThatServesTheInputAloneLeavesWhereItIsNotWanted() {
    ModelBuilder layer =
        half("A")
            .subLayer("drop", DROPOUT)
            .function(
                "forward(x)",
                "t = tanh(x)",
                "d = drop(t)",
                "o = dropout(d, 0.5f)",
                "y = gelu(o)",
                "return y");
    assertEquals(
        List.of(
            "unless x",
            "  drop 2",
            "  drop.backward(tape, null, false)",
            "  drop 1",
            "  return null",
            "restore o",
            "do2 = geluGradient(dy, o)"),
        Listing.backward(layer).subList(0, 7));
  }

  @Test
  void severalInputsEachHaveAFlag() {
    ModelBuilder layer = half("Mix").function("forward(a, b)", "y = matmul(a, b)", "return y");
    assertEquals(
        List.of(
            "restore a",
            "restore b",
            "db = b ? matmulGradientB(dy, a, b.layout)",
            "da = a ? matmulGradientA(dy, b, a.layout)",
            "close a",
            "close b",
            "return da, db"),
        Listing.backward(layer));
  }

  @Test
  void aBranchOfItsOwnForWhatOnlyOneInputWants() {
    ModelBuilder layer =
        half("Mix")
            .subLayer("lin", LINEAR)
            .function(
                "forward(a, b)",
                "p = tanh(a)",
                "q = gelu(p)",
                "r = add(q, b)",
                "y = lin(r)",
                "return y");
    assertEquals(
        List.of(
            "dr = lin.backward(tape, dy, a|b)",
            "restore bLayout",
            "restore qLayout",
            "db = b ? addGradientB(dr, bLayout)",
            "dq = a ? addGradientA(dr, qLayout)",
            "if a|b",
            "  close dr",
            "if a",
            "  restore p",
            "  dp = geluGradient(dq, p)",
            "  close dq",
            "  da = tanhGradient(dp, p)",
            "  close p",
            "  close dp",
            "else",
            "  drop 1",
            "return da, db"),
        Listing.backward(layer));
  }

  @Test
  void plainValuesThatAreReadBehindABranchAreRestoredInAnyCase() {
    ModelBuilder layer =
        half("Mix")
            .function(
                "forward(a, b, int k)",
                "m = blend(a, b, 1f / k)",
                "t = tanh(m)",
                "y = tanh(t)",
                "return y");
    assertEquals(
        List.of(
            "if a|b",
            "  restore y",
            "  dt = tanhGradient(dy, y)",
            "  close y",
            "  restore t",
            "  dm = tanhGradient(dt, t)",
            "  close dt",
            "  close t",
            "else",
            "  drop 2",
            "restore factor",
            "restore a",
            "restore b",
            "db = b ? blendGradientB(dm, a, factor)",
            "close a",
            "da = a ? blendGradientA(dm, b, factor)"),
        Listing.backward(layer).subList(0, 16));
  }

  @Test
  void aHelperIsAskedOnlyForWhatAnyCallerWants() {
    ModelBuilder layer =
        half("A")
            .parameter("w")
            .helper("twice")
            .helper("once")
            .function(
                "forward(x)",
                "m = matmul(x, w)",
                "t = twice(m)",
                "y = once(x)",
                "z = add(t, y)",
                "return z")
            .function("twice(v)", "s = scale(v, 2f)", "return s")
            .function("once(u)", "g = gelu(u)", "return g");
    LayerPlan plan = layer.plan();
    assertEquals(0, plan.function("twice").orElseThrow().backward().orElseThrow().flags().size());
    assertEquals(1, plan.function("once").orElseThrow().backward().orElseThrow().flags().size());
    assertTrue(Listing.backward(layer).contains("dm = twiceBackward(tape, dt)"));
  }

  @Test
  void aHelperThatNoGradientFlowsThroughHasNoBackward() {
    ModelBuilder layer =
        half("A")
            .parameter("w")
            .helper("best")
            .function("forward(x)", "m = matmul(x, w)", "b = best(m)", "return m")
            .function("best(v)", "a = argmax(v)", "return a");
    assertTrue(layer.plan().function("best").orElseThrow().backward().isEmpty());
    assertEquals("b = best(unsaved, m)", Listing.forward(layer).get(2));
  }

  @Test
  void aLayerWithoutGradientsHasAnEmptyBackward() {
    ModelBuilder layer = half("Best").function("forward(x)", "a = argmax(x)", "return a");
    assertEquals(List.of("return"), Listing.backward(layer));
    assertEquals(List.of(false), layer.plan().signature().differentiable());
  }

  @Test
  void theGradientOfAReturnedInputIsAShare() {
    assertEquals(
        List.of("dx = x ? dy retained", "return dx"),
        Listing.backward(half("Same").function("forward(x)", "return x")));
  }
}
