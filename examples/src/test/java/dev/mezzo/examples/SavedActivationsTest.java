package dev.mezzo.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.mezzo.HalfFormat;
import dev.mezzo.Tensor;
import dev.mezzo.examples.training.Recipe;
import dev.mezzo.examples.training.TextNetwork;
import dev.mezzo.examples.training.TrainedText;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.optim.Sgd;
import dev.mezzo.scaling.LossScale;
import dev.mezzo.types.Shape;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a step saves, to the byte: each activation that a gradient reads once and in the training's
 * own type, none in FP32 beside it.
 */
class SavedActivationsTest {

  private static final int BATCH = 3;
  private static final int TIME = 7;
  private static final int VOCABULARY = 11;

  /** The ids and those that follow, which the gradients of embedding and loss read. */
  private static final long INDICES = 2L * 4 * BATCH * TIME;

  @ParameterizedTest
  @EnumSource(HalfFormat.class)
  void ofAGpt(HalfFormat half) {
    int features = 12;
    int heads = 3;
    Gpt net = Gpt.create(VOCABULARY, TIME, features, heads, 1, new Random(1));
    // Input of both norms, what they give, q, k, v, attention's result, and 4 of the inner layer
    long block = (2 + 2 + 3 + 1 + 4L) * features;
    long perToken = Gpt.BLOCKS * block + 2L * features + VOCABULARY;
    long logSums = 4L * Gpt.BLOCKS * BATCH * TIME * heads; // FP32: one for each query
    try (TrainedText model = TextNetwork.open(net, recipe(half))) {
      assertEquals(bytes(half) * perToken * BATCH * TIME + logSums + INDICES, saved(model));
    }
  }

  @ParameterizedTest
  @EnumSource(HalfFormat.class)
  void ofAnLstm(HalfFormat half) {
    int hidden = 16;
    // Embedding; of each layer four gates, the cell, the result
    long perToken = (1 + 2 * 6L) * hidden + VOCABULARY;
    CharLstm net = CharLstm.create(VOCABULARY, hidden, new Random(1));
    try (TrainedText model = TextNetwork.open(net, recipe(half))) {
      assertEquals(bytes(half) * perToken * BATCH * TIME + INDICES, saved(model));
    }
  }

  private static long saved(TrainedText model) {
    Shape shape = model.timeFirst() ? Shape.of(TIME, BATCH) : Shape.of(BATCH, TIME);
    int[] ids = new Random(2).ints(BATCH * TIME, 0, VOCABULARY).toArray();
    try (Tensor x = Tensor.ofInts(shape, ids);
        Tensor next = Tensor.ofInts(shape, ids)) {
      model.step(x, next);
    }
    return model.training().memoryUse().savedActivations();
  }

  private static Recipe recipe(HalfFormat half) {
    TrainingForm form = new TrainingForm("test", "test", half, true, LossScale.none());
    return new Recipe(form, Sgd.of(0.01f));
  }

  private static long bytes(HalfFormat half) {
    return half == HalfFormat.NONE ? 4 : 2;
  }
}
