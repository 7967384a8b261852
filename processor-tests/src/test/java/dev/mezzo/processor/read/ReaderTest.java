package dev.mezzo.processor.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.FieldDeclaration;
import dev.mezzo.processor.model.GradientModel;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ReaderTest {
  private static final String HEADER =
      """
      package demo;
      import static dev.mezzo.Ops.*;
      import dev.mezzo.*;
      import dev.mezzo.annotations.*;
      import dev.mezzo.layers.Linear;
      import dev.mezzo.types.Shape;
      """;

  @Test
  void nestedCallsBecomeStatementsInEvaluationOrder() {
    assertText(
        """
        forward(x)
          9: hiddenY = hidden().dev.mezzo.layers.Linear(x)
          9: relu = Ops.relu(hiddenY)
          9: relu2 = Ops.relu(x)
          9: add = Ops.add(relu, relu2)
          9: y = out().dev.mezzo.layers.Linear(add)
          9: return y
        """,
        """
        @Half record Net(Linear hidden, Linear out) {
          Tensor forward(Tensor x) {
            return out.forward(add(relu(hidden.forward(x)), relu(x)));
          }
        }
        """);
  }

  @Test
  void userNamesAreKeptAndDerivedOnesAvoidThem() {
    assertText(
        """
        forward(tape2, relu)
          9: relu2 = Ops.relu(tape2)
          9: y = Ops.add(relu2, relu)
          10: y2 = Ops.tanh(y)
          10: return y2
        """,
        """
        @Half record Net(float add) {
          Tensor forward(Tensor tape, Tensor relu) {
            Tensor y = Ops.add(Ops.relu(tape), relu);
            return tanh(y);
          }
        }
        """);
  }

  @Test
  void sameNameInBlocksIsNumbered() {
    assertText(
        """
        forward(x)
          9: h = Ops.relu(x)
          10: h2 = Ops.tanh(x)
          11: return x
        """,
        """
        @Half record Net() {
          Tensor forward(Tensor x) {
            { Tensor h = relu(x); }
            { Tensor h = tanh(x); }
            return x;
          }
        }
        """);
  }

  @Test
  void layerIsReadThroughTheModel() {
    assertText(
        """
        forward(x)
          15: int n = <int model.width * x.shape().dim(0) of x>
          16: reshape = Ops.reshape(x, <int[] new int[] {n, -1, demo.Net.SIZE} with n>)
          16: h = Ops.linear(reshape, @weight, @bias)
          17: y = Ops.scale(h, <float model.factor() / (2 + java.lang.Math.max(model.width, 3))>)
          17: return y
        """,
        """
        @Half class Net {
          static int SIZE = 3;
          @MasterFp32 final Parameter weight = null;
          @MasterFp32 final Parameter bias = null;
          int width = 2;
          float factor() { return 1; }

          Tensor forward(Tensor x) {
            var n = this.width * x.shape().dim(0);
            var h = linear(reshape(x, n, -1, SIZE), weight, this.bias);
            return scale(h, factor() / (2 + Math.max(width, 3)));
          }
        }
        """);
  }

  @Test
  void constantsAreKnown() {
    assertText(
        """
        forward(x)
          10: scale = Ops.scale(x, <float -(0.5f) = -0.5>)
          10: scale2 = Ops.scale(scale, <float 2.0f = 2.0>)
          10: scale3 = Ops.scale(scale2, <int 3 = 3.0>)
          10: y = Ops.scale(scale3, <float 4 / 2.0f = 2.0>)
          10: return y
        """,
        """
        @Half record Net() {
          private static final float TWO = 2f;
          Tensor forward(Tensor x) {
            return scale(scale(scale(scale(x, -(0.5f)), TWO), 3), 4 / 2f);
          }
        }
        """);
  }

  @Test
  void helpersAreFunctionsOnceAndInDeclarationOrder() {
    assertText(
        """
        forward(x)
          9: twice = #twice(x, <int 2 = 2.0>)
          9: once = #once(twice)
          9: y = #twice2(once)
          9: return y
        once(x)
          11: y = Ops.relu(x)
          11: return y
        twice(x, int n)
          12: y = Ops.scale(x, <int n with n>)
          12: return y
        twice2(x)
          13: twice = #twice(x, <int 1 = 1.0>)
          13: y = #once(twice)
          13: return y
        """,
        """
        @Half record Net() {
          Tensor forward(Tensor x) {
            return twice(once(this.twice(x, 2)));
          }
          private Tensor once(Tensor x) { return relu(x); }
          private static Tensor twice(Tensor x, int n) { return scale(x, n); }
          private Tensor twice(Tensor x) { return once(twice(x, 1)); }
        }
        """);
  }

  @Test
  void aliasesAreNoStatements() {
    assertText(
        """
        forward(x)
          12: y = h().dev.mezzo.layers.Linear(x)
          12: return y
        """,
        """
        @Half record Net(Linear h) {
          Tensor forward(Tensor x) {
            Tensor same = (x);
            Linear l = h();
            var again = same;
            return (l).forward(again);
          }
        }
        """);
  }

  @Test
  void lossIsTheEntryOfALossScaledClassAndForwardItsHelper() {
    LayerModel layer =
        read(
            """
            @Half @LossScaled(interval = 7) record Net() {
              Tensor forward(Tensor x) { return relu(x); }
              Tensor loss(Tensor x, Tensor labels) { return crossEntropy(forward(x), labels); }
            }
            """);
    assertEquals(
        """
        loss(x, labels)
          9: forward = #forward(x)
          9: loss = Ops.crossEntropy(forward, labels)
          9: return loss
        forward(x)
          8: y = Ops.relu(x)
          8: return y
        """,
        ModelText.of(layer));
    assertEquals(7, layer.lossScaling().orElseThrow().interval());
  }

  @Test
  void operationsAreReadFromClassFiles() {
    OperationModel linear = operation("return linear(x, x, x);");
    assertEquals(
        List.of("x", "weight", "bias"),
        linear.operands().stream().map(OperationModel.Operand::name).toList());
    assertEquals(
        List.of(
            new GradientModel.Read.OfResultGradient(),
            new GradientModel.Read.OfOperand("weight", false),
            new GradientModel.Read.OfOperand("x", true)),
        linear.gradient("x").orElseThrow().reads());
    assertTrue(operation("return dropout(x, 0.5f);").taped());
    assertTrue(operation("return mean(x);").scalar());
    assertEquals(2, operation("return mean(x, 0);").gradient("x").orElseThrow().reads().size() - 1);
    assertTrue(operation("return argmax(x);").gradients().isEmpty());
  }

  @Test
  void declarationIsReadAlsoWhereTheBodyIsNot() {
    LayerReading reading =
        reading(
            """
            @Half class Net {
              @MasterFp32 Parameter weight;
              private final Linear hidden = null;
              Tensor forward(Tensor x) {
                try { return hidden.forward(x); } finally { }
              }
              void set(Parameter other) { weight = other; }
            }
            """);
    assertTrue(reading.model().isEmpty());
    FieldDeclaration weight = reading.declaration().fields().getFirst();
    assertEquals(FieldDeclaration.Kind.PARAMETER, weight.kind());
    assertTrue(weight.master());
    assertEquals(0, weight.reads().size());
    assertEquals(1, weight.writes().size());
    FieldDeclaration hidden = reading.declaration().fields().getLast();
    assertEquals(FieldDeclaration.Kind.SUB_LAYER, hidden.kind());
    assertEquals(1, hidden.reads().size());
    assertTrue(hidden.isPrivate());
  }

  private static OperationModel operation(String statement) {
    LayerModel layer =
        read("@Half record Net() { Tensor forward(Tensor x) { %s } }".formatted(statement));
    Statement.Apply apply = (Statement.Apply) layer.entry().body().statements().getFirst();
    return ((Call.OfOperation) apply.call()).operation();
  }

  private static void assertText(String expected, String source) {
    assertEquals(expected, ModelText.of(read(source)));
  }

  private static LayerModel read(String source) {
    LayerReading reading = reading(source);
    return reading.model().orElseThrow(() -> new AssertionError(reading.problems().toString()));
  }

  private static LayerReading reading(String source) {
    Map<String, LayerReading> readings = ReadingProcessor.read("demo.Net", HEADER + source);
    return Objects.requireNonNull(readings.get("Net"), "Net was not read");
  }
}
