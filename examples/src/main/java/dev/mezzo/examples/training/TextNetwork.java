package dev.mezzo.examples.training;

import dev.mezzo.StepResult;
import dev.mezzo.Tensor;
import dev.mezzo.examples.CharLstm;
import dev.mezzo.examples.Gpt;
import dev.mezzo.examples.GptText;
import dev.mezzo.examples.LstmText;
import dev.mezzo.examples.MixedGptText;
import dev.mezzo.examples.MixedLstmText;

/** The networks that model text. */
public final class TextNetwork {

  private TextNetwork() {}

  /** Opens a training of a GPT. */
  public static TrainedText open(Gpt net, Recipe recipe) {
    MixedGptText training = recipe.open(MixedGptText.training(new GptText(net)));
    return new TrainedText() {
      @Override
      public MixedGptText training() {
        return training;
      }

      @Override
      public boolean timeFirst() {
        return false;
      }

      @Override
      public StepResult step(Tensor ids, Tensor next) {
        return training.step(ids, next);
      }

      @Override
      public float loss(Tensor ids, Tensor next) {
        return training.evaluate(ids, next);
      }

      @Override
      public Tensor logits(Tensor ids) {
        return training.net().forward(ids);
      }
    };
  }

  /** Opens a training of an LSTM. */
  public static TrainedText open(CharLstm net, Recipe recipe) {
    MixedLstmText training = recipe.open(MixedLstmText.training(new LstmText(net)));
    return new TrainedText() {
      @Override
      public MixedLstmText training() {
        return training;
      }

      @Override
      public boolean timeFirst() {
        return true;
      }

      @Override
      public StepResult step(Tensor ids, Tensor next) {
        return training.step(ids, next);
      }

      @Override
      public float loss(Tensor ids, Tensor next) {
        return training.evaluate(ids, next);
      }

      @Override
      public Tensor logits(Tensor ids) {
        return training.net().forward(ids);
      }
    };
  }
}
