package dev.mezzo.processor.plan;

import static dev.mezzo.processor.plan.ModelBuilder.DROPOUT;
import static dev.mezzo.processor.plan.ModelBuilder.FULL_LAYER;
import static dev.mezzo.processor.plan.ModelBuilder.LINEAR;
import static dev.mezzo.processor.plan.ModelBuilder.full;
import static dev.mezzo.processor.plan.ModelBuilder.half;
import static dev.mezzo.processor.plan.ModelBuilder.root;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Casts, saves and lifetimes of forward. */
class ForwardPlannerTest {

  @Test
  void oneCastBeforeTheFirstReaderServesAll() {
    ModelBuilder layer =
        half("Layer")
            .subLayer("a", LINEAR)
            .subLayer("b", LINEAR)
            .function(
                "forward(x)",
                "e = exp(x)",
                "m = mean(e)",
                "u = a(e)",
                "v = b(e)",
                "y = add(u, v)",
                "return y");
    assertEquals(
        List.of(
            "e = exp(x)",
            "save e",
            "save x.layout",
            "m = mean(e)",
            "close m",
            "e16 = cast(e, half)",
            "close e",
            "u = a.forward(tape, e16)",
            "v = b.forward(tape, e16)",
            "close e16",
            "y = add(u, v)",
            "save u.layout",
            "save v.layout",
            "close u",
            "close v",
            "return y"),
        Listing.forward(layer));
  }

  @Test
  void aWeightIsNeverCast() {
    ModelBuilder layer =
        half("Layer")
            .parameter("w")
            .function("forward(x)", "m = matmul(x, w)", "e = exp(m)", "y = add(e, w)", "return y");
    assertEquals(
        List.of(
            "m = matmul(x, w.half)",
            "save x",
            "e = exp(m)",
            "save m.layout",
            "close m",
            "y = add(e, w.full)",
            "save e",
            "close e",
            "return y"),
        Listing.forward(layer));
  }

  @Test
  void aWeightWithoutMasterIsCastWhereItIsReadInFull() {
    ModelBuilder layer =
        half("Layer")
            .parameterWithoutMaster("w")
            .function("forward(x)", "e = exp(x)", "y = add(e, w)", "return y");
    assertTrue(Listing.forward(layer).contains("wFull = cast(w.half, full)"));
    assertTrue(Listing.backward(layer).contains("w += cast(dWFull, half)"));
  }

  @Test
  void aViewIsCastWithItsOperandWhereThatSavesACast() {
    ModelBuilder layer =
        root("Loss")
            .subLayer("a", LINEAR)
            .subLayer("b", LINEAR)
            .function(
                "loss(x, t)",
                "v = reshape(x, -1)",
                "p = a(v)",
                "q = b(x)",
                "y = meanSquaredError(p, q)",
                "return y");
    assertEquals(
        List.of("x16 = cast(x, half)", "v = reshape(x16, -1)", "p = a.forward(tape, v)"),
        Listing.forward(layer).subList(0, 3));
    assertEquals(1, Listing.forward(layer).stream().filter(l -> l.contains("cast")).count());
  }

  @Test
  void savesOnlyWhatGradientsRead() {
    assertEquals(
        List.of("r = relu(x)", "save r", "return r"),
        Listing.forward(half("A").function("forward(x)", "r = relu(x)", "return r")));
    assertEquals(
        List.of("g = gelu(x)", "save x", "return g"),
        Listing.forward(half("A").function("forward(x)", "g = gelu(x)", "return g")));
    assertEquals(
        List.of("s = scale(x, 2f)", "return s"),
        Listing.forward(half("A").function("forward(x)", "s = scale(x, 2f)", "return s")));
  }

  @Test
  void savesNothingForGradientsThatNobodyReads() {
    ModelBuilder layer =
        root("Loss")
            .function("loss(x, t)", "g = gelu(x)", "y = meanSquaredError(g, t)", "return y");
    assertEquals(
        List.of("g = gelu(x)", "y = meanSquaredError(g, t)", "close g", "return y"),
        Listing.forward(layer));
  }

  @Test
  void aValueIsSavedOnceAfterItsLastReader() {
    ModelBuilder layer =
        half("Layer")
            .subLayer("lin", LINEAR)
            .function("forward(x)", "t = tanh(x)", "l = lin(t)", "y = multiply(l, t)", "return y");
    assertEquals(
        List.of(
            "t = tanh(x)",
            "l = lin.forward(tape, t)",
            "y = multiply(l, t)",
            "save t",
            "save l",
            "close t",
            "close l",
            "return y"),
        Listing.forward(layer));
  }

  @Test
  void plainOperandsAreRepeatedOrSaved() {
    assertEquals(
        List.of("y = scale(x, model.rate)", "return y"),
        Listing.forward(half("A").function("forward(x)", "y = scale(x, model.rate)", "return y")));
    assertEquals(
        List.of("n = 1f / x.shape().dim(0)", "y = scale(x, n)", "save n", "return y"),
        Listing.forward(
            half("A")
                .function(
                    "forward(x)",
                    "float n = 1f / x.shape().dim(0)",
                    "y = scale(x, n)",
                    "return y")));
    assertEquals(
        List.of("factor = 1f / k", "y = scale(x, factor)", "save factor", "return y"),
        Listing.forward(
            half("A").function("forward(x, int k)", "y = scale(x, 1f / k)", "return y")));
  }

  @Test
  void plainCodeKeepsTheTensorsAliveThatItLooksAt() {
    ModelBuilder layer =
        half("A")
            .function(
                "forward(x)",
                "r = relu(x)",
                "t = tanh(r)",
                "int n = r.shape().rank()",
                "y = reshape(t, n)",
                "return y");
    assertEquals(
        List.of(
            "r = relu(x)",
            "save r",
            "t = tanh(r)",
            "n = r.shape().rank()",
            "close r",
            "y = reshape(t, n)",
            "save t",
            "close t",
            "return y"),
        Listing.forward(layer));
  }

  @Test
  void resultsThatNobodyUsesAreClosedAtOnce() {
    assertEquals(
        List.of("relu = relu(x)", "close relu", "y = scale(x, 2f)", "return y"),
        Listing.forward(
            half("A").function("forward(x)", "relu(x)", "y = scale(x, 2f)", "return y")));
  }

  @Test
  void aReturnedInputIsRetained() {
    assertEquals(
        List.of("return retained x"),
        Listing.forward(half("A").function("forward(x)", "return x")));
  }

  @Test
  void aCallThatNoGradientFlowsThroughLeavesNothingOnTheTape() {
    ModelBuilder layer =
        root("Loss")
            .subLayer("drop", DROPOUT)
            .subLayer("net", LINEAR)
            .function(
                "loss(x, t)",
                "d = dropout(x, 0.5f)",
                "e = drop(d)",
                "y = net(e)",
                "l = meanSquaredError(y, t)",
                "return l");
    List<String> forward = Listing.forward(layer);
    assertEquals("d = dropout(unsaved, x, 0.5f)", forward.get(0));
    assertEquals("e = drop.forward(unsaved, d16)", forward.get(3));
    assertEquals("y = net.forward(tape, e)", forward.get(5));
    assertFalse(Listing.backward(layer).toString().contains("drop"));
  }

  @Test
  void aFullLayerCastsForAHalfOneInIt() {
    ModelBuilder layer =
        full("Layer")
            .subLayer("half", LINEAR)
            .subLayer("full", FULL_LAYER)
            .function("forward(x)", "h = half(x)", "y = full(h)", "return y");
    assertEquals(
        List.of(
            "x16 = cast(x, half)",
            "h = half.forward(tape, x16)",
            "close x16",
            "hFull = cast(h, full)",
            "close h",
            "y = full.forward(tape, finish, hFull)",
            "close hFull",
            "return y"),
        Listing.forward(layer));
  }
}
