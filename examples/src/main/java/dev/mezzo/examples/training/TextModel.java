package dev.mezzo.examples.training;

import dev.mezzo.examples.CharLstm;
import dev.mezzo.examples.Gpt;
import dev.mezzo.examples.data.Text;
import java.util.Random;
import java.util.random.RandomGenerator;

/** The networks that model text. */
public enum TextModel {
  /** {@link Gpt}. */
  GPT("GPT of 6 blocks, 192 features, 6 heads") {
    @Override
    TrainedText open(int time, RandomGenerator random, Recipe recipe) {
      return TextNetwork.open(Gpt.create(Text.VOCABULARY, time, 192, 6, 0.02f, random), recipe);
    }
  },
  /** {@link CharLstm}. */
  LSTM("LSTM of 2 layers, 256 units") {
    @Override
    TrainedText open(int time, RandomGenerator random, Recipe recipe) {
      return TextNetwork.open(CharLstm.create(Text.VOCABULARY, 256, random), recipe);
    }
  };

  private final String description;

  TextModel(String description) {
    this.description = description;
  }

  /** Kind and sizes of the layers. */
  public String description() {
    return description;
  }

  /**
   * Opens a training of a new network for sequences of up to {@code time}; the recipe's seed makes
   * its weights.
   */
  public TrainedText open(int time, Recipe recipe) {
    return open(time, new Random(recipe.seed()), recipe);
  }

  abstract TrainedText open(int time, RandomGenerator random, Recipe recipe);
}
