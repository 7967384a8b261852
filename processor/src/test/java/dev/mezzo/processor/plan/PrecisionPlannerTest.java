package dev.mezzo.processor.plan;

import static dev.mezzo.annotations.MixedForm.Precision.ANY;
import static dev.mezzo.annotations.MixedForm.Precision.FULL;
import static dev.mezzo.annotations.MixedForm.Precision.HALF;
import static dev.mezzo.processor.plan.ModelBuilder.FULL_LAYER;
import static dev.mezzo.processor.plan.ModelBuilder.LINEAR;
import static dev.mezzo.processor.plan.ModelBuilder.full;
import static dev.mezzo.processor.plan.ModelBuilder.half;
import static dev.mezzo.processor.plan.ModelBuilder.root;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrecisionPlannerTest {

  @Test
  void allowIsHalfDenyIsFullFollowFollows() {
    ModelBuilder layer =
        half("Layer")
            .parameter("w")
            .function(
                "forward(x)",
                "m = matmul(x, w)",
                "r = relu(m)",
                "e = exp(r)",
                "t = tanh(e)",
                "return t");
    assertEquals(List.of(HALF), inputs(layer));
    assertEquals(HALF, of(layer, "m"));
    assertEquals(HALF, of(layer, "r"));
    assertEquals(FULL, of(layer, "e"));
    assertEquals(FULL, of(layer, "t"));
    assertEquals(FULL, layer.precisions().of("forward").output());
  }

  @Test
  void denyReadsOperandsAsTheyAre() {
    ModelBuilder layer =
        half("Layer").function("forward(x)", "r = relu(x)", "e = exp(r)", "return e");
    assertEquals(List.of(HALF), read(layer, 0));
    assertEquals(List.of(ANY), read(layer, 1));
  }

  @Test
  void followIsFullWhereAnyOperandIs() {
    ModelBuilder layer =
        half("Layer").function("forward(x)", "e = exp(x)", "y = add(x, e)", "return y");
    assertEquals(List.of(FULL, FULL), read(layer, 1));
    assertEquals(FULL, of(layer, "y"));
  }

  @Test
  void parametersAdaptToTheOtherOperand() {
    ModelBuilder layer =
        half("Layer")
            .parameter("w")
            .function("forward(x)", "e = exp(x)", "a = add(e, w)", "b = add(w, w)", "return a");
    assertEquals(FULL, of(layer, "a"));
    assertEquals(HALF, of(layer, "b"));
  }

  @Test
  void inputsThatOnlyDenyOrLabelsReadComeAsTheyAre() {
    ModelBuilder layer =
        half("Loss").function("forward(x, labels)", "y = crossEntropy(x, labels)", "return y");
    assertEquals(List.of(ANY, ANY), inputs(layer));
  }

  @Test
  void aViewAsksForWhatIsAskedOfIt() {
    ModelBuilder layer =
        half("Loss")
            .parameter("w")
            .function(
                "forward(x, labels)",
                "v = reshape(x, -1)",
                "ids = reshape(labels, -1)",
                "m = matmul(v, w)",
                "y = crossEntropy(m, ids)",
                "return y");
    assertEquals(List.of(HALF, ANY), inputs(layer));
    assertEquals(ANY, of(layer, "ids"));
  }

  @Test
  void aReturnedInputIsInTheLayersPrecision() {
    assertEquals(List.of(HALF), inputs(half("Same").function("forward(x)", "return x")));
    assertEquals(List.of(FULL), inputs(full("Same").function("forward(x)", "return x")));
  }

  @Test
  void inAFullLayerFullStandsForHalf() {
    ModelBuilder layer =
        full("Layer")
            .parameter("w")
            .subLayer("inner", LINEAR)
            .function("forward(x)", "h = inner(x)", "m = matmul(h, w)", "return m");
    assertEquals(List.of(FULL), inputs(layer));
    assertEquals(List.of(HALF), read(layer, 0));
    assertEquals(HALF, of(layer, "h"));
    assertEquals(List.of(FULL, FULL), read(layer, 1));
    assertEquals(FULL, of(layer, "m"));
  }

  @Test
  void theBorderOfAFullFieldIsFull() {
    ModelBuilder layer =
        half("Layer")
            .fullSubLayer("kept", LINEAR)
            .subLayer("full", FULL_LAYER)
            .function("forward(x)", "h = kept(x)", "y = full(h)", "return y");
    assertEquals(List.of(FULL), inputs(layer));
    assertEquals(List.of(FULL), read(layer, 0));
    assertEquals(FULL, of(layer, "h"));
  }

  @Test
  void oneReaderInHalfDecidesAnInput() {
    ModelBuilder layer =
        half("Layer")
            .subLayer("full", FULL_LAYER)
            .subLayer("lin", LINEAR)
            .function(
                "forward(x)",
                "a = full(x)",
                "b = lin(x)",
                "y = meanSquaredError(a, b)",
                "return y");
    assertEquals(List.of(HALF), inputs(layer));
  }

  @Test
  void aRootTakesWhatTheUserHasAndReturnsFull() {
    ModelBuilder layer =
        root("Classifier")
            .subLayer("net", LINEAR)
            .function("loss(images, labels)", "y = net(images)", "return y");
    assertEquals(List.of(FULL, ANY), layer.precisions().of("loss").inputs());
    assertEquals(FULL, layer.precisions().of("loss").output());
    assertEquals(HALF, layer.precisions().of("loss").of(result(layer, 0)));
  }

  @Test
  void helpersArePlannedByTheSameRuleAndPassLabelsThrough() {
    ModelBuilder layer =
        half("Layer")
            .helper("flat")
            .parameter("w")
            .function(
                "forward(x, labels)",
                "m = matmul(x, w)",
                "ids = flat(labels)",
                "y = crossEntropy(m, ids)",
                "return y")
            .function("flat(t)", "v = reshape(t, -1)", "return v");
    assertEquals(List.of(HALF, ANY), inputs(layer));
    assertEquals(List.of(ANY), layer.precisions().of("flat").inputs());
    assertEquals(ANY, of(layer, "ids"));
  }

  @Test
  void aViewOfAParameterIsFullWhereNobodyWantsItInHalf() {
    ModelBuilder layer =
        half("Layer")
            .parameter("w")
            .function("forward(x)", "v = transpose(w)", "e = exp(x)", "y = add(e, v)", "return y");
    assertEquals(FULL, of(layer, "v"));
    ModelBuilder both =
        half("Layer")
            .parameter("w")
            .function(
                "forward(x)",
                "v = transpose(w)",
                "m = matmul(x, v)",
                "e = exp(m)",
                "y = add(e, v)",
                "return y");
    assertEquals(HALF, of(both, "v"));
  }

  private static List<Precision> inputs(ModelBuilder layer) {
    return layer.precisions().of("forward").inputs();
  }

  private static Precision of(ModelBuilder layer, String name) {
    var plan = layer.precisions().of(layer.model().entry().name());
    return plan.values().entrySet().stream()
        .filter(entry -> entry.getKey().name().equals(name))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow();
  }

  private static Value result(ModelBuilder layer, int statement) {
    return ((Statement.Apply) layer.model().entry().body().statements().get(statement)).result();
  }

  private static List<Precision> read(ModelBuilder layer, int statement) {
    Statement read = layer.model().entry().body().statements().get(statement);
    var plan = layer.precisions().of(layer.model().entry().name());
    return plan.arguments().getOrDefault(read, List.of());
  }
}
