package dev.mezzo.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.Tensor;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.Arrays;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The layers on sequences as they run by themselves, in FP32. */
class SequenceLayersTest {

  private final Random random = new Random(3);

  @Test
  void normsBringRowsToMeanSquareOne() {
    try (Tensor x = Tensor.of(Shape.of(1, 4), 1f, 3f, 5f, 7f);
        Tensor layer = new LayerNorm(4, 0f).forward(x);
        Tensor rms = new RmsNorm(4, 0f).forward(x)) {
      float d = (float) Math.sqrt(5);
      float r = (float) Math.sqrt(21);
      assertArrayEquals(new float[] {-3 / d, -1 / d, 1 / d, 3 / d}, layer.toFloats(), 1e-6f);
      assertArrayEquals(new float[] {1 / r, 3 / r, 5 / r, 7 / r}, rms.toFloats(), 1e-6f);
    }
  }

  @Test
  void anEmbeddingLooksUpAndMarksWhatIsNotThere() {
    Embedding table = new Embedding(3, 2, random);
    float[] rows = table.weight().toFloats();
    try (Tensor indices = Tensor.ofInts(Shape.of(2, 2), 2, 0, 3, -1);
        Tensor y = table.forward(indices)) {
      assertEquals(Shape.of(2, 2, 2), y.shape());
      float[] found = y.toFloats();
      assertArrayEquals(new float[] {rows[4], rows[5], rows[0], rows[1]}, Arrays.copyOf(found, 4));
      for (int i = 4; i < 8; i++) {
        assertTrue(Float.isNaN(found[i]));
      }
    }
  }

  @Test
  void positionsMayBeMoreThanTheSequenceHas() {
    PositionEmbedding positions = new PositionEmbedding(5, 2, 1, random);
    float[] rows = positions.weight().toFloats();
    try (Tensor x = Tensor.zeros(Shape.of(2, 3, 2), DType.FP32);
        Tensor y = positions.forward(x)) {
      assertArrayEquals(Arrays.copyOf(rows, 6), Arrays.copyOf(y.toFloats(), 6));
    }
    try (Tensor x = Tensor.zeros(Shape.of(2, 6, 2), DType.FP32)) {
      assertThrows(ShapeException.class, () -> positions.forward(x));
    }
  }

  @Test
  void aCausalBlockSeesNothingOfWhatComes() {
    assertCausal(true, new TransformerBlock(8, 2, true, random)::forward, 1, 5, 8);
    assertCausal(false, new TransformerBlock(8, 2, false, random)::forward, 1, 5, 8);
    assertCausal(true, new MultiHeadAttention(8, 4, 2, true, random)::forward, 1, 5, 8);
    MultiHeadAttention rotary = new MultiHeadAttention(8, 4, 2, true, random).withRotary(100);
    assertCausal(true, new TransformerBlock(rotary, 8, 12, random)::forward, 1, 5, 8);
  }

  @Test
  void recurrencesGoForwardInTimeAndTheOtherDirectionBack() {
    assertCausal(true, new Lstm(8, 3, random)::forward, 5, 1, 8);
    assertCausal(true, new Gru(8, 3, random)::forward, 5, 1, 8);
    assertCausal(true, new Rnn(8, 3, random)::forward, 5, 1, 8);
    assertCausal(false, new Lstm(8, 3, true, random)::forward, 5, 1, 8);
    assertCausal(false, new Gru(8, 3, true, random)::forward, 5, 1, 8);
    assertCausal(false, new Rnn(8, 3, false, true, random)::forward, 5, 1, 8);
  }

  @Test
  void rotaryPositionsMakeTheOrderMatter() {
    MultiHeadAttention plain = new MultiHeadAttention(8, 2, false, random);
    MultiHeadAttention rotary = plain.withRotary(100);
    assertSame(plain.input(), rotary.input());
    float[] values = new float[3 * 8];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    float[] turned = values.clone(); // the first two steps change places
    System.arraycopy(values, 0, turned, 8, 8);
    System.arraycopy(values, 8, turned, 0, 8);
    assertArrayEquals(last(plain, values), last(plain, turned), 1e-6f);
    assertFalse(Arrays.equals(last(rotary, values), last(rotary, turned)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new MultiHeadAttention(6, 2, false, random).withRotary(100));
  }

  /** The result of the last step. */
  private static float[] last(MultiHeadAttention layer, float[] values) {
    try (Tensor x = Tensor.of(Shape.of(1, 3, 8), values);
        Tensor y = layer.forward(x)) {
      return Arrays.copyOfRange(y.toFloats(), 16, 24);
    }
  }

  @Test
  void crossAttentionSeesTheWholeMemory() {
    CrossAttention layer = new CrossAttention(4, 2, random);
    try (Tensor x = Tensor.zeros(Shape.of(2, 3, 4), DType.FP32);
        Tensor memory = Tensor.zeros(Shape.of(2, 5, 4), DType.FP32);
        Tensor y = layer.forward(x, memory)) {
      assertEquals(Shape.of(2, 3, 4), y.shape());
    }
  }

  @Test
  void behindTheEndOfASequenceNothingCounts() {
    PackedLstm lstm = new PackedLstm(new Lstm(2, 3, true, random));
    PackedGru gru = new PackedGru(new Gru(2, 3, true, random));
    PackedRnn rnn = new PackedRnn(new Rnn(2, 3, false, true, random));
    assertEnds(lstm::forward);
    assertEnds(gru::forward);
    assertEnds(rnn::forward);
  }

  /** Of three steps of two sequences the second has one. */
  private static void assertEnds(BinaryOperator<Tensor> layer) {
    float[] values = {1, 2, -1, 0.5f, 3, 1, 2, 2, -1, -2, 1, 1};
    float[] other = values.clone();
    Arrays.fill(other, 6, 8, 9); // second sequence, step 1
    Arrays.fill(other, 10, 12, -9); // and step 2
    try (Tensor lengths = Tensor.ofInts(Shape.of(2), 3, 1);
        Tensor x = Tensor.of(Shape.of(3, 2, 2), values);
        Tensor changed = Tensor.of(Shape.of(3, 2, 2), other);
        Tensor y = layer.apply(x, lengths);
        Tensor same = layer.apply(changed, lengths)) {
      assertEquals(Shape.of(3, 2, 6), y.shape());
      float[] found = y.toFloats();
      assertArrayEquals(found, same.toFloats());
      for (int step = 1; step < 3; step++) {
        for (int unit = 0; unit < 6; unit++) {
          assertEquals(0, found[step * 12 + 6 + unit]);
        }
      }
      assertFalse(found[0] == 0 || found[6] == 0);
    }
  }

  @Test
  void aStackIsItsLayersOneAfterTheOther() {
    RecurrentStack stack = RecurrentStack.lstm(3, 4, 2, true, 0.5f, random);
    try (Tensor x = Tensor.of(Shape.of(2, 1, 3), 1, 2, 3, -1, 0, 1);
        Tensor h = stack.layers().get(0).forward(x);
        Tensor expected = stack.layers().get(1).forward(h);
        Tensor y = stack.forward(x)) {
      assertEquals(Shape.of(2, 1, 8), y.shape());
      assertArrayEquals(expected.toFloats(), y.toFloats());
    }
    assertEquals(3, RecurrentStack.gru(3, 4, 3, false, 0, random).layers().size());
    assertThrows(
        IllegalArgumentException.class, () -> RecurrentStack.rnn(3, 4, 0, false, 0, random));
  }

  @Test
  void badSettingsSayWhich() {
    assertThrows(IllegalArgumentException.class, () -> new MultiHeadAttention(10, 3, true, random));
    assertThrows(
        IllegalArgumentException.class, () -> new MultiHeadAttention(8, 4, 3, true, random));
    Gru gru = new Gru(4, 3, random);
    try (Tensor x = Tensor.zeros(Shape.of(5, 4), DType.FP32)) {
      ShapeException error = assertThrows(ShapeException.class, () -> gru.forward(x));
      assertTrue(error.toString().contains("(5, 9)"), error.toString());
      assertTrue(error.toString().contains("(1, 9, 3)"), error.toString());
    }
  }

  /** Whether the results before the last of five steps are the same whatever its input is. */
  private void assertCausal(boolean causal, UnaryOperator<Tensor> layer, int... shape) {
    int last = 4 * 8;
    float[] values = new float[5 * 8];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    try (Tensor x = Tensor.of(Shape.of(shape), values);
        Tensor y = layer.apply(x)) {
      Arrays.fill(values, last, values.length, 1.5f);
      try (Tensor other = Tensor.of(Shape.of(shape), values);
          Tensor found = layer.apply(other)) {
        int before = (int) (y.shape().size() / 5 * 4);
        boolean same =
            Arrays.equals(
                Arrays.copyOf(y.toFloats(), before), Arrays.copyOf(found.toFloats(), before));
        assertEquals(causal, same);
      }
    }
  }
}
