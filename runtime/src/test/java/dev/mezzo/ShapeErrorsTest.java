package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.mezzo.types.Convolution;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.List;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/**
 * A bad shape is a ShapeException that names operation, shapes and rule, whatever the operation.
 */
class ShapeErrorsTest {

  private final Device device = TestDevices.scalar();

  @Test
  void matmul() {
    fails(
        "matmul: (128, 784) by (1024, 784): the first operand's last dimension (784) must be the second's next to last (1024);"
            + " transpose(b) would fit",
        () -> Ops.matmul(zeros(128, 784), zeros(1024, 784)));
    fails(
        "matmul: (3, 4) by (3, 5): the first operand's last dimension (4) must be the second's next to last (3);"
            + " transpose(a) would fit",
        () -> Ops.matmul(zeros(3, 4), zeros(3, 5)));
    fails(
        "matmul: (4) by (4, 5): both operands must have at least two dimensions; reshape a vector to one row or one column",
        () -> Ops.matmul(zeros(4), zeros(4, 5)));
    fails(
        "matmul (dimensions before the last two): (2) and (3); aligned at the last dimension, dimensions must be equal or one of"
            + " them 1, but 2 and 3 are not",
        () -> Ops.matmul(zeros(2, 3, 4), zeros(3, 4, 5)));
  }

  @Test
  void linear() {
    fails(
        "linear: x (8, 4) and weight (4, 5): the weight must be (out, in), with in the last dimension of x;"
            + " transpose(weight) would fit",
        () -> Ops.linear(zeros(8, 4), zeros(4, 5), zeros(5)));
    fails(
        "linear: weight (5, 4) and bias (4): the bias must be (5), the weight's first dimension",
        () -> Ops.linear(zeros(8, 4), zeros(5, 4), zeros(4)));
  }

  @Test
  void elementTypes() {
    fails(
        "add: (2) is FP32 and (2) is FP16; operands must have one element type, cast one of them",
        () -> Ops.add(zeros(2), zeros(DType.FP16, 2)));
    fails(
        "exp: an operand (2) is INT32, but must be FP32, FP16 or BF16",
        () -> Ops.exp(zeros(DType.INT32, 2)));
    fails(
        "pow: an operand (2) is INT32, but must be FP32, FP16 or BF16",
        () -> Ops.pow(zeros(2), zeros(DType.INT32, 2)));
    fails(
        "conv1d: an operand (2, 5, 3) is INT32, but must be FP32, FP16 or BF16",
        () -> Ops.conv1d(zeros(DType.INT32, 2, 5, 3), zeros(4, 3, 3), Convolution.of()));
    fails(
        "gru: an operand (1, 2) is INT32, but must be FP32, FP16 or BF16",
        () -> Ops.gru(zeros(3, 1, 6), zeros(1, 6, 2), zeros(DType.INT32, 1, 2)));
    fails(
        "cast: (2) from FP16 to INT32; only float types are cast into each other",
        () -> Ops.cast(zeros(DType.FP16, 2), DType.INT32));
    fails(
        "crossEntropy: labels (2) are FP32, but must be INT32: the number of the class, not its probability",
        () -> Ops.crossEntropy(zeros(2, 3), zeros(2)));
  }

  @Test
  void others() {
    fails(
        "add: (2, 3) and (4); aligned at the last dimension, dimensions must be equal or one of them 1, but 3 and 4 are not",
        () -> Ops.add(zeros(2, 3), zeros(4)));
    fails(
        "crossEntropy: logits (2, 3) and labels (3): the labels must have the logits' dimensions without the last",
        () -> Ops.crossEntropy(zeros(2, 3), zeros(DType.INT32, 3)));
    fails(
        "meanSquaredError: (2) and (3) must be equal",
        () -> Ops.meanSquaredError(zeros(2), zeros(3)));
    fails("sum: axis 2 of (2, 3), which has 2 dimensions", () -> Ops.sum(zeros(2, 3), 2));
    fails("softmax: () must have at least one dimension", () -> Ops.softmax(zeros()));
    fails("argmax: (2, 0): the last dimension must not be empty", () -> Ops.argmax(zeros(2, 0)));
    fails("transpose: (2) must have at least 2 dimensions", () -> Ops.transpose(zeros(2)));
    fails(
        "reshape: (2, 3) has 6 elements, (4) has 4; their number must stay",
        () -> Ops.reshape(zeros(2, 3), 4));
    fails(
        "reshape: (2, 3) to [4, -1]: 6 elements cannot be divided by the other dimensions' 4",
        () -> Ops.reshape(zeros(2, 3), 4, -1));
    fails(
        "reshape: (2, 3) to [-1, -1]: dimensions must be at least 0, and one of them may be -1",
        () -> Ops.reshape(zeros(2, 3), -1, -1));
    fails(
        "copyFrom: shape (2) has 2 elements, but 3 values are given",
        () -> zeros(2).copyFrom(new float[3]));
    fails("item: (2) must have exactly one element", () -> Ops.scale(zeros(2), zeros(2).item()));
  }

  @Test
  void comparisonsImagesAndPositions() {
    fails(
        "less: (2) is FP32 and (2) is INT32; a float is compared with a float, INT32 with INT32",
        () -> Ops.less(zeros(2), zeros(DType.INT32, 2)));
    fails(
        "equal: (2, 3) and (2); aligned at the last dimension, dimensions must be equal or one of them 1, but 3 and 2 are not",
        () -> Ops.equal(zeros(2, 3), zeros(2)));
    assertThrows(IllegalArgumentException.class, () -> Ops.equal(zeros(DType.INT32, 2), 0.5f));
    fails(
        "upsampleNearest: x (2, 3, 4) to 6 by 8 pixels: x must be (batch, height, width, channels), with a pixel at least, and so must the result",
        () -> Ops.upsampleNearest(zeros(2, 3, 4), 6, 8));
    fails(
        "upsampleBilinear: x (2, 3, 3, 4) to 0 by 8 pixels: x must be (batch, height, width, channels), with a pixel at least, and so must the result",
        () -> Ops.upsampleBilinear(zeros(2, 3, 3, 4), 0, 8, true));
    fails(
        "rotary: x (2, 3, 6) with 2 heads, of which 2 turn: it must be (batch, time, heads·dim), dim even",
        () -> Ops.rotary(zeros(2, 3, 6), 2, 2, 0, 100));
  }

  @Test
  void aRateOutOfRangeIsNamed() {
    assertThrows(IllegalArgumentException.class, () -> Ops.dropout(zeros(2), 1));
    assertThrows(IllegalArgumentException.class, () -> Ops.dropout(zeros(2), Float.NaN));
  }

  @Test
  void operandsOnTwoDevices() {
    try (Tensor other = Tensor.zeros(TestDevices.scalar(), Shape.of(2), DType.FP32)) {
      assertThrows(IllegalArgumentException.class, () -> Ops.add(zeros(2), other));
    }
  }

  @Test
  void anyTwoShapesGiveAResultOrAShapeException() {
    List<BinaryOperator<Tensor>> operations =
        List.of(
            Ops::matmul,
            Ops::add,
            Ops::multiply,
            Ops::meanSquaredError,
            Ops::crossEntropy,
            (a, b) -> Ops.linear(a, b, a),
            (a, b) -> Ops.linear(a, b, b),
            (a, b) -> Ops.sum(a, b.shape().rank() - 2),
            (a, b) -> Ops.reshape(a, b.shape().dims()),
            (a, b) -> Ops.transpose(Ops.softmax(a)),
            (a, b) -> Ops.argmax(b),
            (a, b) -> ElementwiseGradients.addGradientA(a, b.layout()),
            (a, b) -> ElementwiseGradients.multiplyGradientB(a, b, b.layout()),
            (a, b) -> ElementwiseGradients.reluGradient(a, b),
            (a, b) -> ReductionGradients.softmaxGradient(a, b),
            (a, b) -> ReductionGradients.sumGradient(a, b.layout()),
            (a, b) -> ReductionGradients.sumGradient(a, b.layout(), 0),
            (a, b) -> ReductionGradients.meanGradient(a, b.layout(), -1),
            (a, b) -> MatrixGradients.matmulGradientA(a, b, a.layout()),
            (a, b) -> MatrixGradients.matmulGradientB(a, b, b.layout()),
            (a, b) -> MatrixGradients.linearGradientX(a, b, a.layout()),
            (a, b) -> MatrixGradients.linearGradientX(a, b, b.layout()),
            (a, b) -> MatrixGradients.linearGradientWeight(a, b),
            (a, b) -> MatrixGradients.linearGradientBias(a, b.layout()),
            (a, b) -> LossGradients.meanSquaredErrorGradientX(a, b, b),
            (a, b) -> LossGradients.crossEntropyGradient(a, b, a),
            (a, b) -> ViewGradients.reshapeGradient(a, b.layout()),
            (a, b) -> ViewGradients.transposeGradient(a),
            Ops::divide,
            Ops::maximum,
            Ops::binaryCrossEntropyWithLogits,
            Ops::klDivergence,
            (a, b) -> Ops.where(a, b, b),
            (a, b) -> Ops.where(b, a, b),
            (a, b) -> Ops.cosineSimilarity(a, b, 1e-8f),
            (a, b) -> Ops.crossEntropy(a, b, 0.1f, 1),
            (a, b) -> Ops.crossEntropyByClass(a, b, b, 0, 0),
            (a, b) -> Ops.crossEntropyByToken(a, b, a, 0, 0),
            (a, b) -> Ops.einsum("ij,jk->ik", a, b),
            (a, b) -> Ops.einsum("ijk,j->i", a, b),
            (a, b) -> Ops.permute(a, b.shape().dims()),
            (a, b) -> Ops.slice(a, 1, 1, b.shape().rank()),
            (a, b) -> Ops.crop(a, b.shape().dims(), a.shape().dims()),
            (a, b) -> Ops.pad(a, b.shape().dims(), b.shape().dims(), 1),
            (a, b) -> Ops.concat(a, b, 1),
            (a, b) -> Ops.stack(b.shape().rank() - 2, a, b),
            (a, b) -> Ops.gather(a, b, 0),
            (a, b) -> Ops.scatterAdd(a, b, b, 0),
            (a, b) -> Ops.scatterAdd(a, b, a, 1),
            (a, b) -> Ops.cumulativeSum(a, b.shape().rank() - 1),
            (a, b) -> Ops.sum(a, b.shape().dims(), true),
            (a, b) -> Ops.mean(a, b.shape().dims(), false),
            (a, b) -> Ops.max(a, b.shape().dims(), false),
            (a, b) -> Ops.variance(a, b.shape().dims(), 1, true),
            (a, b) -> ElementwiseGradients.divideGradientB(a, b, a),
            (a, b) -> SelectionGradients.maximumGradientA(a, b, a),
            (a, b) -> SelectionGradients.whereGradientA(a, b, b.layout()),
            (a, b) -> ArrangementGradients.sliceGradient(a, b.layout(), 0, 1),
            (a, b) -> ArrangementGradients.cropGradient(a, b.layout(), b.shape().dims()),
            (a, b) -> ArrangementGradients.padGradient(a, b.layout(), b.shape().dims()),
            (a, b) -> ArrangementGradients.concatGradientB(a, b.layout(), 0),
            (a, b) -> ArrangementGradients.gatherGradient(a, b, a.layout(), 0),
            (a, b) -> ReductionGradients.maxGradient(a, b, b, new int[] {0}),
            (a, b) -> ReductionGradients.varianceGradient(a, b, new int[] {-1}, 0),
            (a, b) -> LossGradients.smoothL1GradientX(a, b, b, 1),
            (a, b) -> LossGradients.cosineSimilarityGradientA(a, b, b, 1e-8f),
            (a, b) -> EinsumGradients.einsumGradientA(a, b, a.layout(), "ij,jk->ik"));
    Random random = new Random(13);
    for (int trial = 0; trial < 1000; trial++) {
      Tensor a = anything(random);
      Tensor b = anything(random);
      for (int i = 0; i < operations.size(); i++) {
        try {
          operations.get(i).apply(a, b).close();
        } catch (ShapeException e) {
          // The other allowed outcome.
        } catch (RuntimeException e) {
          throw new AssertionError("operation " + i + " of " + a + " and " + b + ": " + e, e);
        }
      }
    }
  }

  private Tensor anything(Random random) {
    int[] dims = random.ints(random.nextInt(4), 0, 4).toArray();
    DType dtype = random.nextInt(8) == 0 ? DType.INT32 : DType.FP32;
    Tensor x = zeros(dtype, dims);
    return dims.length > 1 && random.nextBoolean() ? Ops.transpose(x) : x;
  }

  private Tensor zeros(int... dims) {
    return zeros(DType.FP32, dims);
  }

  private Tensor zeros(DType dtype, int... dims) {
    return Tensor.zeros(device, Shape.of(dims), dtype);
  }

  private static void fails(String message, Supplier<Tensor> operation) {
    assertEquals(message, assertThrows(ShapeException.class, operation::get).getMessage());
  }
}
